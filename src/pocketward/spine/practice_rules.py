"""Wall 1b and 2 in the database itself: practice triggers (SQLite), composite keys and row security.

Both lists are made from Django's `_meta`, so a new model or key needs nothing but its migration.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from pocketward.spine.rows import _Owned

PREFIX = "pw_practice_"


@dataclass(frozen=True)
class ScopedKey:
    """A foreign key whose both ends have a practice."""

    table: str
    column: str
    parent: str
    parent_key: str


def practice_models(app_label: str | None = None) -> list[type[models.Model]]:
    """Every concrete model of the practice plane, in a stable order."""
    found = [
        model
        for model in apps.get_models(include_auto_created=False)
        if issubclass(model, _Owned) and app_label in (None, model._meta.app_label)
    ]
    return sorted(found, key=lambda model: model._meta.db_table)


def scoped_keys(model: type[models.Model]) -> Iterator[ScopedKey]:
    """The model's foreign keys into the practice plane."""
    for field in model._meta.concrete_fields:
        parent = field.related_model
        if isinstance(field, models.ForeignKey) and isinstance(parent, type) and issubclass(parent, _Owned):
            yield ScopedKey(model._meta.db_table, field.column, parent._meta.db_table, parent._meta.pk.column)


def sqlite_triggers(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """(name, SQL) of the triggers that keep a row in its practice."""
    table = model._meta.db_table
    name = f"{PREFIX}{table}_fixed"
    yield (
        name,
        f'CREATE TRIGGER "{name}" BEFORE UPDATE OF practice_id ON "{table}" '
        "WHEN OLD.practice_id IS NOT NEW.practice_id "
        "BEGIN SELECT RAISE(ABORT, 'a row cannot change its practice'); END",
    )
    for key in scoped_keys(model):
        for moment in ("INSERT", f'UPDATE OF "{key.column}"'):
            name = f"{PREFIX}{table}_{key.column}_{moment[:6].lower()}"
            yield (
                name,
                # Names of tables and columns come from _meta, never from outside.
                f'CREATE TRIGGER "{name}" BEFORE {moment} ON "{table}" '  # noqa: S608
                f'WHEN NEW."{key.column}" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "{key.parent}" '
                f'WHERE "{key.parent_key}" = NEW."{key.column}" AND practice_id = NEW.practice_id) '
                "BEGIN SELECT RAISE(ABORT, 'a row cannot point into another practice'); END",
            )


def drop_sqlite_triggers(connection: Any) -> None:
    """Take every practice trigger away: SQLite refuses to remake a table that one names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type='trigger' AND name GLOB %s", [f"{PREFIX}*"])
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')


def put_sqlite_triggers(connection: Any) -> None:
    """Put the triggers of all tables and columns that exist by now."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for model in practice_models():
            if model._meta.db_table not in tables:
                continue
            names = {
                row[1] for row in cursor.execute(f'PRAGMA table_info("{model._meta.db_table}")').fetchall()
            }
            wanted = {field.column for field in model._meta.concrete_fields}
            parents = {key.parent for key in scoped_keys(model)}
            if wanted <= names and parents <= tables:
                for _, sql in sqlite_triggers(model):
                    cursor.execute(sql)


SCOPE_FUNCTION = """
CREATE OR REPLACE FUNCTION pw_practices() RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
DECLARE given text := current_setting('app.practices', true);
BEGIN
  IF given IS NULL OR given = '' THEN RAISE EXCEPTION 'no practice in scope' USING ERRCODE = '42501'; END IF;
  RETURN given::uuid[];
END $$
"""

# Tables that the worker role reads across practices, and that the gate role reads.
WORKER_TABLES = {"spine_job"}
GATE_TABLES = {"access_snapshot_row"}


def postgres_statements(app_label: str) -> Iterator[str]:
    """Row security and composite keys of one app's tables, run as the owner at its migration."""
    yield SCOPE_FUNCTION
    rows = practice_models(app_label)
    for model in rows:
        table, key = model._meta.db_table, model._meta.pk.column
        yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
        yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'
        inside = "practice_id = ANY ((SELECT pw_practices())::uuid[])"
        yield f'DROP POLICY IF EXISTS "pw_scope" ON "{table}"'
        yield f'CREATE POLICY "pw_scope" ON "{table}" USING ({inside}) WITH CHECK ({inside})'
        yield from _role_policies(table)
        yield f'ALTER TABLE "{table}" ADD CONSTRAINT "pw_{table}_own" UNIQUE (practice_id, "{key}")'
    for model in rows:
        for link in scoped_keys(model):
            yield (
                f'ALTER TABLE "{link.table}" ADD CONSTRAINT "pw_{link.table}_{link.column}" '
                f'FOREIGN KEY (practice_id, "{link.column}") '
                f'REFERENCES "{link.parent}" (practice_id, "{link.parent_key}") DEFERRABLE INITIALLY DEFERRED'
            )


def _role_policies(table: str) -> Iterator[str]:
    if table in WORKER_TABLES:
        yield f'DROP POLICY IF EXISTS "pw_worker" ON "{table}"'
        yield f'CREATE POLICY "pw_worker" ON "{table}" TO pocketward_worker USING (true) WITH CHECK (true)'
    if table in GATE_TABLES:
        yield f'DROP POLICY IF EXISTS "pw_gate" ON "{table}"'
        yield f'CREATE POLICY "pw_gate" ON "{table}" FOR SELECT TO pocketward_gate USING (true)'
