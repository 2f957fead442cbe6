"""Django's entry to the ledger."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Sealed entries, signed checkpoints, proofs."""

    name = "pocketward.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
