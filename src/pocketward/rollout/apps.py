"""Django's entry to the rollout domain."""

from django.apps import AppConfig


class RolloutConfig(AppConfig):
    """Changes of rules and record systems, on their way into force."""

    name = "pocketward.rollout"
    label = "rollout"
    default_auto_field = "django.db.models.BigAutoField"
