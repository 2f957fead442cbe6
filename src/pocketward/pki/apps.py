"""Django's entry to the pki domain."""

from django.apps import AppConfig


class PkiConfig(AppConfig):
    """Keys and certificates."""

    name = "pocketward.pki"
    label = "pki"
    default_auto_field = "django.db.models.BigAutoField"
