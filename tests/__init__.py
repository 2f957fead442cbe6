"""Tests: they mirror src/, and add journeys, contracts, stores and browser walks."""
