"""Django's entry to the response domain."""

from django.apps import AppConfig


class ResponseConfig(AppConfig):
    """Reports and playbooks."""

    name = "pocketward.response"
    label = "response"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Read the playbooks, so that a broken one stops the start."""
        from pocketward.response.playbook import playbooks

        playbooks()
