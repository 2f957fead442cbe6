"""Django's entry to the spine."""

from django.apps import AppConfig


class SpineConfig(AppConfig):
    """Unit of work, event and job rows, keys, evidence."""

    name = "pocketward.spine"
    label = "spine"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Refuse to start with a table that is neither a practice's nor named as shared."""
        from pocketward.spine.identity_plane import refuse_tables_in_no_plane

        refuse_tables_in_no_plane()
