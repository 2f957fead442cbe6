"""The checker that travels inside every export. It imports nothing of ours and nothing but Python itself."""
