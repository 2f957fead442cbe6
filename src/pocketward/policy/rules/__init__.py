"""One file a rule: its meaning, what it requires, what it becomes on Apple devices."""
