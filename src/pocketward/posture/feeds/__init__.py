"""Release feeds: dated facts about operating systems."""
