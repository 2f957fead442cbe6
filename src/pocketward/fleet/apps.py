"""Django's entry to the fleet domain."""

from django.apps import AppConfig


class FleetConfig(AppConfig):
    """Devices and everything that speaks to them."""

    name = "pocketward.fleet"
    label = "fleet"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Read the Apple commands, so that a broken catalogue stops the start."""
        from pocketward.fleet.apple.catalogue import apple_commands

        apple_commands()
