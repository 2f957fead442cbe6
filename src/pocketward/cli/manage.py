"""Django's own commands, for developers: `python -m pocketward.cli.manage makemigrations`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run one management command with our settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pocketward.config.django_settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["pocketward", *sys.argv[1:]])


if __name__ == "__main__":
    main()
