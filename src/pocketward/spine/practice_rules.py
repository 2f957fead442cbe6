"""Wall 1b and 2 in the database itself: practice triggers (SQLite), composite keys and row security.

Both lists are made from Django's `_meta`, so a new model or key needs nothing but its migration.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from pocketward.spine.rows import _Owned

PREFIX = "pw_practice_"
# Tables whose rows say what nothing may change once it is said: what kind of world a database was born as.
FROZEN = ("practice_installation",)


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


def _key_column(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)


def scoped_keys(model: type[models.Model]) -> Iterator[ScopedKey]:
    """The model's foreign keys into the practice plane."""
    for field in model._meta.concrete_fields:
        parent = field.related_model
        if isinstance(field, models.ForeignKey) and isinstance(parent, type) and issubclass(parent, _Owned):
            yield ScopedKey(
                model._meta.db_table, str(field.column), parent._meta.db_table, _key_column(parent)
            )


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


def frozen_triggers() -> Iterator[tuple[str, str, str]]:
    """(table, name, SQL) of the triggers under which a row of a frozen table stays as it is (SQLite)."""
    for table in FROZEN:
        for verb in ("UPDATE", "DELETE"):
            name = f"{PREFIX}{table}_{verb.lower()}"
            yield (
                table,
                name,
                f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" '
                "BEGIN SELECT RAISE(ABORT, 'this row cannot be changed'); END",
            )


@cache
def _tables_with_triggers() -> tuple[str, ...]:
    parents = {key.parent for model in practice_models() for key in scoped_keys(model)}
    return (*FROZEN, *parents, *(model._meta.db_table for model in practice_models()))


def are_in_the_way(sql: str) -> bool:
    """Whether practice triggers may hinder this statement of a migration (SQLite).

    They do not where something new is made, nor where no table is named that one of them names.
    """
    is_new = sql.lstrip().upper().startswith("CREATE ")
    return not is_new and any(table in sql for table in _tables_with_triggers())


def _standing(cursor: Any) -> dict[str, str]:
    """Name -> SQL of the practice triggers that the database has."""
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE type='trigger' AND name GLOB %s", [f"{PREFIX}*"]
    )
    return dict(cursor.fetchall())


def drop_sqlite_triggers(connection: Any) -> None:
    """Take every practice trigger away: SQLite refuses to remake a table that one names."""
    with connection.cursor() as cursor:
        for name in _standing(cursor):
            cursor.execute(f'DROP TRIGGER "{name}"')


def put_sqlite_triggers(connection: Any) -> None:
    """Let the triggers stand of all tables and columns that exist by now, and no others."""
    with connection.cursor() as cursor:
        standing = _standing(cursor)
        wanted = dict(_wanted(connection, cursor, standing))
        for name, sql in standing.items():
            if wanted.get(name) != sql:
                cursor.execute(f'DROP TRIGGER "{name}"')
        for name, sql in wanted.items():
            if standing.get(name) != sql:
                cursor.execute(sql)


def _wanted(connection: Any, cursor: Any, standing: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    tables = set(connection.introspection.table_names(cursor))
    for model in practice_models():
        parents = {key.parent for key in scoped_keys(model)}
        if not {model._meta.db_table, *parents} <= tables:
            continue
        triggers = dict(sqlite_triggers(model))
        # Where all of them stand, nothing has changed the table: a change takes them away first.
        if triggers.items() <= standing.items() or _has_its_columns(cursor, model):
            yield from triggers.items()
    for table, name, sql in frozen_triggers():
        if table in tables:
            yield name, sql


def _has_its_columns(cursor: Any, model: type[models.Model]) -> bool:
    rows = cursor.execute(f'PRAGMA table_info("{model._meta.db_table}")').fetchall()
    return {field.column for field in model._meta.concrete_fields} <= {row[1] for row in rows}


SCOPE_FUNCTION = """
CREATE OR REPLACE FUNCTION pw_practices() RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
DECLARE given text := current_setting('app.practices', true);
BEGIN
  IF given IS NULL OR given = '' THEN RAISE EXCEPTION 'no practice in scope' USING ERRCODE = '42501'; END IF;
  RETURN given::uuid[];
END $$
"""

FROZEN_FUNCTION = """
CREATE OR REPLACE FUNCTION pw_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'this row cannot be changed' USING ERRCODE = '42501'; END $$
"""

# What the two small roles may do with one table each, across practices; nothing else is open to them.
SMALL_ROLES = {
    "spine_job": (
        "worker",
        "ALL",
        ("SELECT", "UPDATE (attempt, state, finished_at, last_error, leased_until)"),
    ),
    "access_snapshot_row": ("gate", "SELECT", ("SELECT",)),
}
LONGEST_NAME = 63


def postgres_name(*parts: str) -> str:
    """A constraint's name; PostgreSQL would cut a longer one silently, and two could become one."""
    name = "pw_" + "_".join(parts)
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def own_key(model: type[models.Model]) -> str:
    """The name of the key (practice, id) that composite foreign keys point at."""
    return postgres_name(model._meta.db_table, "own")


def composite_key(link: ScopedKey) -> str:
    """The name of a foreign key that holds both ends in one practice."""
    return postgres_name(link.table, link.column)


def forcing(tables: Iterable[str]) -> Iterator[str]:
    """What makes row security hold for the tables' owner too.

    It comes last in a migration: a foreign key that is added compares rows as the owner.
    """
    return (f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY' for table in tables)


def postgres_statements(app_label: str, roles: Mapping[str, str]) -> Iterator[str]:
    """Row security and composite keys of one app's tables, run as the owner at its migration.

    `roles` names the database role of each of ours (app, worker, gate).
    """
    yield SCOPE_FUNCTION
    # What was migrated is the owner's to say.
    yield f'REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM "{roles["app"]}"'
    yield from _frozen_statements(app_label)
    rows = practice_models(app_label)
    for model in rows:
        yield (
            f'ALTER TABLE "{model._meta.db_table}" ADD CONSTRAINT "{own_key(model)}" '
            f'UNIQUE (practice_id, "{model._meta.pk.column}")'
        )
    for link in (link for model in rows for link in scoped_keys(model)):
        yield (
            f'ALTER TABLE "{link.table}" ADD CONSTRAINT "{composite_key(link)}" '
            f'FOREIGN KEY (practice_id, "{link.column}") '
            f'REFERENCES "{link.parent}" (practice_id, "{link.parent_key}") DEFERRABLE INITIALLY DEFERRED'
        )
    for model in rows:
        table = model._meta.db_table
        yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
        inside = "practice_id = ANY ((SELECT pw_practices())::uuid[])"
        yield f'DROP POLICY IF EXISTS "pw_scope" ON "{table}"'
        yield f'CREATE POLICY "pw_scope" ON "{table}" USING ({inside}) WITH CHECK ({inside})'
        yield from _small_role(table, roles)


def frozen_name() -> str:
    """The name of the trigger on a frozen table (PostgreSQL, where it is the table's own)."""
    return f"{PREFIX}frozen"


def _frozen_statements(app_label: str) -> Iterator[str]:
    for table in FROZEN:
        if table.startswith(f"{app_label}_"):
            yield FROZEN_FUNCTION
            yield (
                f'CREATE TRIGGER "{frozen_name()}" BEFORE UPDATE OR DELETE ON "{table}" '
                "FOR EACH ROW EXECUTE FUNCTION pw_frozen()"
            )


def _small_role(table: str, roles: Mapping[str, str]) -> Iterator[str]:
    if table not in SMALL_ROLES:
        return
    ours, verbs, rights = SMALL_ROLES[table]
    role, policy = roles[ours], f"pw_{ours}"
    check = " WITH CHECK (true)" if verbs == "ALL" else ""
    yield f'DROP POLICY IF EXISTS "{policy}" ON "{table}"'
    yield f'CREATE POLICY "{policy}" ON "{table}" FOR {verbs} TO "{role}" USING (true){check}'
    for right in rights:
        yield f'GRANT {right} ON "{table}" TO "{role}"'
