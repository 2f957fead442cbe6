"""Django's entry to the incidents domain."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Cases."""

    name = "pocketward.incidents"
    label = "incidents"
    default_auto_field = "django.db.models.BigAutoField"
