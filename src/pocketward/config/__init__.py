"""Wiring only: settings, URLs, processes, who handles which event."""
