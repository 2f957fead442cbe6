"""Incidents: the list, one case with its steps, doors and clock, and the exposure worksheet."""
