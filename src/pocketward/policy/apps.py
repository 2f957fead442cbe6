"""Django's entry to the policy domain."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """Practice policies."""

    name = "pocketward.policy"
    label = "policy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Read the rules, so that a broken catalogue stops the start."""
        from pocketward.policy.document import rules

        rules()
