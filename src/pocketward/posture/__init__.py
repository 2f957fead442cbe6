"""Checks of a device: what is wrong, how we know, how to fix it."""
