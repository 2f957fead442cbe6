"""Apple devices: their endpoints, their commands, their push."""
