"""The page behind the stop link of a practice of one."""
