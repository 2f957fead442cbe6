"""Django's entry to the practice domain."""

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    """Practices, people and their roles."""

    name = "pocketward.practice"
    label = "practice"
    default_auto_field = "django.db.models.BigAutoField"
