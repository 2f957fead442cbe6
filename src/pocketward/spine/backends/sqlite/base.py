"""Django's SQLite backend with practice triggers kept out of the way of migrations."""

from __future__ import annotations

from typing import Any, Self

from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.operations import DatabaseOperations
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor


class SchemaEditor(DatabaseSchemaEditor):
    """Drops the practice triggers on entering and recreates them from `_meta` on leaving."""

    def __enter__(self) -> Self:
        from pocketward.spine.practice_rules import drop_sqlite_triggers

        drop_sqlite_triggers(self.connection)
        return super().__enter__()

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
