"""Django's entry to the response domain."""

from django.apps import AppConfig


class ResponseConfig(AppConfig):
    """Reports and playbooks."""

    name = "pocketward.response"
    label = "response"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Read every playbook now: with a broken one the product does not start."""
        from pocketward.response.playbook import playbooks

        playbooks()
