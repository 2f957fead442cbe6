"""Django's entry to the overview."""

from django.apps import AppConfig


class OverviewConfig(AppConfig):
    """Rows that lists are read from."""

    name = "pocketward.overview"
    label = "overview"
    default_auto_field = "django.db.models.BigAutoField"
