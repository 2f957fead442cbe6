"""PostgreSQL's own walls, walked table by table with the roles that the product connects as."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import models
from psycopg import sql
from psycopg.errors import ForeignKeyViolation, InsufficientPrivilege

from pocketward.spine.practice_rules import ScopedKey, composite_key, own_key, practice_models, scoped_keys
from tests.factories.postgres import Cluster, Database

HERE, THERE = uuid.UUID(int=0xA), uuid.UUID(int=0xB)
MODELS = {model._meta.db_table: model for model in practice_models()}
LINKS = {f"{link.table}.{link.column}": link for model in MODELS.values() for link in scoped_keys(model)}
Connection = psycopg.Connection[tuple[Any, ...]]


def value_for(field: models.Field[Any, Any], practice: uuid.UUID) -> Any:
    """Something this column takes, other for each practice."""
    number = practice.int
    if field.column == "practice_id":
        return practice
    if isinstance(field, models.ForeignKey):
        return value_for(field.target_field, practice)
    kinds: dict[str, Any] = {
        "UUIDField": practice, "BooleanField": False, "BinaryField": b"x", "JSONField": "{}",
        "EncryptedText": b"x", "EncryptedBytes": b"x", "FloatField": 1.0, "DurationField": "1 second",
        "DateTimeField": "2026-11-24T12:00:00Z", "DateField": "2026-11-24",
    }  # fmt: skip
    kind = type(field).__name__
    if kind in kinds:
        return kinds[kind]
    return (
        number
        if isinstance(field, models.IntegerField)
        else str(field.choices[0][0] if field.choices else number)
    )


@pytest.fixture(scope="module")
def database(postgres: Cluster) -> Database:
    """Every practice table with one row of each of two practices, put there past every rule."""
    made = postgres.copy()
    with closing(postgres.superuser(made.name)) as connection:
        connection.execute("SET session_replication_role = replica")
        for practice in (HERE, THERE):
            for table, model in MODELS.items():
                fields = [f for f in model._meta.concrete_fields if not getattr(f, "generated", False)]
                connection.execute(
                    sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
                        sql.Identifier(table),
                        sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in fields),
                        sql.SQL(", ").join(sql.Placeholder() for _ in fields),
                    ),
                    [value_for(field, practice) for field in fields],
                )
    return made


@pytest.fixture
def app(database: Database) -> Iterator[Connection]:
    """A fresh connection as the role that serves, with nothing in scope."""
    with closing(database.connect("app")) as connection:
        yield connection


def enter(connection: Connection, practice: uuid.UUID | None) -> None:
    text = "{" + str(practice) + "}" if practice else ""
    connection.execute("SELECT set_config('app.practices', %s, false)", [text])


def practices_seen(connection: Connection, table: str) -> list[uuid.UUID]:
    rows = connection.execute(sql.SQL("SELECT practice_id FROM {}").format(sql.Identifier(table))).fetchall()
    return [row[0] for row in rows]


def test_every_table_with_a_practice_is_walked() -> None:
    with_practice = {
        model._meta.db_table
        for model in apps.get_models()
        if any(field.column == "practice_id" for field in model._meta.concrete_fields)
    }
    # The identity plane: who may sign in where is asked before any practice is in scope.
    assert with_practice - set(MODELS) == {"practice_onetimelink", "spine_practicekey"}
    assert len(MODELS) > 30
    assert len(LINKS) > 20


@pytest.mark.parametrize("table", MODELS)
def test_a_table_shows_and_takes_rows_of_the_practice_in_scope_only(app: Connection, table: str) -> None:
    name = sql.Identifier(table)
    with pytest.raises(InsufficientPrivilege, match="no practice in scope"):
        practices_seen(app, table)
    enter(app, HERE)
    assert practices_seen(app, table) == [HERE]
    assert app.execute(sql.SQL("DELETE FROM {} WHERE practice_id = %s").format(name), [THERE]).rowcount == 0
    with pytest.raises(InsufficientPrivilege, match="violates row-level security"):
        app.execute(sql.SQL("UPDATE {} SET practice_id = %s").format(name), [THERE])
    with pytest.raises(InsufficientPrivilege, match="violates row-level security"):
        app.execute(
            sql.SQL("INSERT INTO {} SELECT (jsonb_populate_record(row, jsonb_build_object('practice_id', "
                    "{}::text))).* FROM {} AS row").format(name, sql.Literal(str(THERE)), name)
        )  # fmt: skip
    enter(app, THERE)
    assert practices_seen(app, table) == [THERE]
    enter(app, None)
    with pytest.raises(InsufficientPrivilege, match="no practice in scope"):
        practices_seen(app, table)


@pytest.mark.parametrize("link", LINKS)
def test_a_foreign_key_cannot_lead_into_another_practice(
    postgres: Cluster, database: Database, link: str
) -> None:
    key: ScopedKey = LINKS[link]
    with closing(postgres.superuser(database.name)) as anybody, pytest.raises(ForeignKeyViolation) as refused:
        anybody.execute("BEGIN")
        if key.table != key.parent:
            # Where a parent has one child at most, its own one would be in the way.
            anybody.execute("SET LOCAL session_replication_role = replica")
            child = sql.Identifier(key.table)
            anybody.execute(sql.SQL("DELETE FROM {} WHERE practice_id = %s").format(child), [THERE])
            anybody.execute("SET LOCAL session_replication_role = origin")
        anybody.execute("SET CONSTRAINTS ALL IMMEDIATE")
        anybody.execute(
            sql.SQL(
                "UPDATE {} SET {} = (SELECT {} FROM {} WHERE practice_id = %s) WHERE practice_id = %s"
            ).format(*map(sql.Identifier, (key.table, key.column, key.parent_key, key.parent))),
            [THERE, HERE],
        )
    assert refused.value.diag.constraint_name == composite_key(key)


def test_row_security_is_forced_and_keys_stand_on_every_table(postgres: Cluster, database: Database) -> None:
    with closing(postgres.superuser(database.name)) as connection:
        tables = connection.execute(
            "SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        keys = {row[0] for row in connection.execute("SELECT conname FROM pg_constraint").fetchall()}
    assert {row[3] for row in tables} == {"pocketward_owner"}
    assert {row[0] for row in tables if row[1] and row[2]} == set(MODELS)
    assert {own_key(model) for model in MODELS.values()} <= keys
    assert {composite_key(link) for link in LINKS.values()} <= keys


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE practice_workforcemember DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE practice_workforcemember NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY pw_scope ON practice_workforcemember",
        "CREATE POLICY mine ON practice_workforcemember USING (true)",
        "CREATE OR REPLACE FUNCTION pw_practices() RETURNS uuid[] LANGUAGE sql AS $$ SELECT '{}'::uuid[] $$",
        "TRUNCATE practice_workforcemember",
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "SET ROLE pocketward_owner",
        "SET ROLE pocketward_backup",
        "SET session_replication_role = replica",
        "ALTER ROLE pocketward_app BYPASSRLS",
        "CREATE ROLE mine",
        "DELETE FROM django_migrations",
    ],
)
def test_the_role_that_serves_cannot_take_a_wall_away(app: Connection, statement: str) -> None:
    enter(app, HERE)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(statement)  # type: ignore[call-overload]
    with pytest.raises(InsufficientPrivilege):
        app.execute("SET row_security = off").connection.execute("SELECT * FROM practice_workforcemember")


@pytest.mark.parametrize("role", ["owner", "app", "worker", "gate", "backup"])
def test_no_role_of_ours_has_power_over_the_server(database: Database, role: str) -> None:
    with closing(database.connect(role)) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, "
            "(SELECT count(*) FROM pg_auth_members WHERE member = r.oid) FROM pg_roles r "
            "WHERE rolname = current_user"
        ).fetchone()
    assert row == (False, False, False, False, role == "backup", 0)


def test_the_worker_sees_all_jobs_and_nothing_else_and_may_only_lease_them(database: Database) -> None:
    with closing(database.connect("worker")) as worker:
        assert sorted(practices_seen(worker, "spine_job")) == [HERE, THERE]
        worker.execute("UPDATE spine_job SET attempt = attempt + 1")
        for statement in (
            "UPDATE spine_job SET payload = '{}'", "UPDATE spine_job SET practice_id = id",
            "DELETE FROM spine_job", "INSERT INTO spine_job SELECT * FROM spine_job",
        ):  # fmt: skip
            with pytest.raises(InsufficientPrivilege):
                worker.execute(statement)  # type: ignore[call-overload]
    refused_elsewhere(database, "worker", "spine_job")


def test_the_gate_reads_what_it_decides_from_and_nothing_else(database: Database) -> None:
    with closing(database.connect("gate")) as gate:
        assert sorted(practices_seen(gate, "access_snapshot_row")) == [HERE, THERE]
        gate.execute("SET default_transaction_read_only = off")
        with pytest.raises(InsufficientPrivilege):
            gate.execute("UPDATE access_snapshot_row SET deleted = true")
    refused_elsewhere(database, "gate", "access_snapshot_row")


def refused_elsewhere(database: Database, role: str, but: str) -> None:
    everything = {model._meta.db_table for model in apps.get_models()} - {but}
    assert len(everything) > len(MODELS)
    with closing(database.connect(role)) as connection:
        for table in everything:
            with pytest.raises(InsufficientPrivilege):
                connection.execute(sql.SQL("SELECT 1 FROM {}").format(sql.Identifier(table)))


def test_the_backup_role_reads_everything_and_writes_nothing(database: Database) -> None:
    with closing(database.connect("backup")) as backup:
        for table in MODELS:
            assert sorted(practices_seen(backup, table)) == [HERE, THERE]
        backup.execute("SET default_transaction_read_only = off")
        for table in MODELS:
            with pytest.raises(InsufficientPrivilege):
                backup.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


def test_somebody_without_a_password_gets_nowhere(database: Database) -> None:
    for user, password in (("pocketward_app", ""), ("pocketward_owner", "guess"), ("postgres", "postgres")):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(
                host="127.0.0.1", port=database.port, user=user, password=password, dbname=database.name
            )
