"""Django's entry to the response domain."""

from django.apps import AppConfig


class ResponseConfig(AppConfig):
    """Reports and playbooks."""

    name = "pocketward.response"
    label = "response"
    default_auto_field = "django.db.models.BigAutoField"
