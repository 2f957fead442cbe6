"""Django's entry to the posture domain."""

from django.apps import AppConfig


class PostureConfig(AppConfig):
    """Checks of devices."""

    name = "pocketward.posture"
    label = "posture"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Read the checks and their texts, so that a broken catalogue stops the start."""
        from pocketward.posture.fixit import LANGUAGES, fixits
        from pocketward.posture.verdict import catalogue

        for check in catalogue():
            for language in LANGUAGES:
                fixits(check=check, language=language)
