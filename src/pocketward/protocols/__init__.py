"""Wire formats: bytes to typed records and back; pure."""
