"""One access decision, explained to an officer or an auditor: what was asked, known, and decided."""
