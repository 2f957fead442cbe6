"""The `pocketward` command."""
