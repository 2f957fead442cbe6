"""Pocketward: keeps the phones of a practice safe enough to touch patient records."""
