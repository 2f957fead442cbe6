"""Pure ground: clock, ids, crypto primitives, catalogue loader, settings types."""
