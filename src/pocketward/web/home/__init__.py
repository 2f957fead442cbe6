"""Home: one computed sentence, every phone as one mark, and at most three things to do."""
