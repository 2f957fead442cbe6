"""Django's entry to the access domain."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Who may reach records."""

    name = "pocketward.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"
