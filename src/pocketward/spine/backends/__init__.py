"""Database backends that keep the practice walls."""
