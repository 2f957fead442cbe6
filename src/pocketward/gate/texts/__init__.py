"""What refusals say: one TOML file a language, read through importlib.resources."""
