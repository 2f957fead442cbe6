"""The migration operation that ends each app's migration: practice walls in the database."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.migrations.operations.base import Operation

from pocketward.spine.practice_rules import forcing, postgres_statements, practice_models


class PracticeRules(Operation):
    """Row security and composite keys on PostgreSQL.

    On SQLite the schema editor of our backend puts the triggers back after every migration, so there is
    nothing to do here.
    """

    reduces_to_sql = True
    reversible = False

    def __init__(self, app_label: str) -> None:
        self.app_label = app_label

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """How a migration file writes it."""
        return (self.__class__.__qualname__, [self.app_label], {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Changes no model."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Apply the walls of this app's tables."""
        if schema_editor.connection.vendor == "postgresql":
            base = settings.POCKETWARD.database
            roles = {"app": base.app, "worker": base.worker, "gate": base.gate}
            for statement in postgres_statements(self.app_label, roles):
                schema_editor.execute(statement)
            tables = [model._meta.db_table for model in practice_models(self.app_label)]
            # Django adds its own foreign keys after the last operation.
            schema_editor.deferred_sql.extend(forcing(tables))

    def describe(self) -> str:
        """One line for `migrate`."""
        return f"Practice walls of {self.app_label}"
