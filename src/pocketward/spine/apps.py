"""Django's entry to the spine."""

from django.apps import AppConfig


class SpineConfig(AppConfig):
    """Unit of work, event and job rows, keys, evidence."""

    name = "pocketward.spine"
    label = "spine"
    default_auto_field = "django.db.models.BigAutoField"
