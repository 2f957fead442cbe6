"""Remembers: the case, its evidence, the breach assessment, the clocks."""
