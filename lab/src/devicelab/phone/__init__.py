"""Simulated iPhones and iPads with a state of their own."""
