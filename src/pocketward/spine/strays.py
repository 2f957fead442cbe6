"""Are the walls between practices standing, and has any row slipped through? For `pocketward doctor`."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from pocketward.spine.practice_rules import (
    composite_key,
    frozen_name,
    frozen_triggers,
    own_key,
    practice_models,
    scoped_keys,
    sqlite_triggers,
)


@dataclass(frozen=True, slots=True)
class Stray:
    """`count` rows of `table` point, by `column`, at a row of another practice, or at none."""

    table: str
    column: str
    count: int


def stray_rows() -> tuple[Stray, ...]:
    """Rows whose foreign key leads out of their practice; call it with every practice in scope."""
    found = []
    with connection.cursor() as cursor:
        for model in practice_models():
            for key in scoped_keys(model):
                # Names of tables and columns come from _meta, never from outside.
                cursor.execute(
                    f'SELECT count(*) FROM "{key.table}" child WHERE child."{key.column}" IS NOT NULL '  # noqa: S608
                    f'AND NOT EXISTS (SELECT 1 FROM "{key.parent}" parent WHERE '
                    f'parent."{key.parent_key}" = child."{key.column}" '
                    "AND parent.practice_id = child.practice_id)"
                )
                if count := int(cursor.fetchone()[0]):
                    found.append(Stray(key.table, key.column, count))
    return tuple(found)


def missing_walls() -> tuple[str, ...]:
    """What is missing: triggers (SQLite); keys, and tables without forced row security (PostgreSQL)."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity "
                "AND oid IN (SELECT polrelid FROM pg_policy WHERE polname = 'pw_scope') "
                "UNION ALL SELECT conname FROM pg_constraint WHERE convalidated "
                "UNION ALL SELECT tgname FROM pg_trigger WHERE tgenabled = 'O'"
            )
            rows = practice_models()
            wanted = {model._meta.db_table for model in rows} | {own_key(model) for model in rows}
            wanted |= {composite_key(link) for model in rows for link in scoped_keys(model)}
            wanted.add(frozen_name())
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            wanted = {name for model in practice_models() for name, _ in sqlite_triggers(model)}
            wanted |= {name for _, name, _ in frozen_triggers()}
        return tuple(sorted(wanted - {row[0] for row in cursor.fetchall()}))


def passes_row_security() -> bool:
    """Whether this database role could read past row security, which the server's role must not."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        row = cursor.fetchone()
    return bool(row and row[0])
