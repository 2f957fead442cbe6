"""Phones and tablets: the list, one phone, adding one, and acting on it."""
