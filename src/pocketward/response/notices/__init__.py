"""Texts that people are told, with versions; one YAML file each."""
