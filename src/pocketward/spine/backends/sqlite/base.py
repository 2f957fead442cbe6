"""Django's SQLite backend with practice triggers kept out of the way of migrations."""

from __future__ import annotations

from typing import Any

from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.operations import DatabaseOperations
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor


class SchemaEditor(DatabaseSchemaEditor):
    """Takes the practice triggers away before the first change that they stand in the way of.

    What only makes something new leaves them alone: each statement of this kind lets SQLite read the whole
    schema again, and a first start has forty migrations. On leaving, those of `_meta` stand again.
    """

    stepped_aside = False

    def execute(self, sql: Any, params: Any = ()) -> None:
        """Run a statement; the triggers go in the same transaction, so a change that fails keeps them."""
        from pocketward.spine.practice_rules import are_in_the_way, drop_sqlite_triggers

        if not (self.collect_sql or self.stepped_aside) and are_in_the_way(str(sql)):
            self.stepped_aside = True
            drop_sqlite_triggers(self.connection)
        super().execute(sql, params)

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        from pocketward.spine.practice_rules import put_sqlite_triggers

        super().__exit__(exc_type, exc_value, traceback)
        put_sqlite_triggers(self.connection)


class Operations(DatabaseOperations):
    """Emptying the whole database is no change of a row: the triggers step aside for it as well."""

    def execute_sql_flush(self, sql_list: Any) -> None:
        """Empty the tables, as a test that commits does at its end."""
        from pocketward.spine.practice_rules import drop_sqlite_triggers, put_sqlite_triggers

        drop_sqlite_triggers(self.connection)
        try:
            super().execute_sql_flush(sql_list)
        finally:
            put_sqlite_triggers(self.connection)


class DatabaseWrapper(base.DatabaseWrapper):
    """SQLite in WAL with immediate transactions; its options are in the Django settings."""

    SchemaEditorClass = SchemaEditor
    ops_class = Operations
