"""Django's entry to the posture domain."""

from django.apps import AppConfig


class PostureConfig(AppConfig):
    """Checks of devices."""

    name = "pocketward.posture"
    label = "posture"
    default_auto_field = "django.db.models.BigAutoField"
