"""The walls in the database are those that the models ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField
from django.db.utils import DatabaseError

from pocketward.kernel.ids import uuid7
from pocketward.practice import api as practice_api
from pocketward.practice.api import PracticeRecord
from pocketward.practice.models import RoleAssignment, WorkforceMember
from pocketward.spine.api import missing_walls, practice_scope
from pocketward.spine.practice_rules import PREFIX, frozen_triggers, practice_models, sqlite_triggers
from tests.factories.databases import migrated_home


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has keys and policies instead")
def test_the_triggers_in_the_database_are_those_of_the_models(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        there = {name: sql for name, sql in cursor.fetchall() if name.startswith(PREFIX)}
    wanted = dict(pair for model in practice_models() for pair in sqlite_triggers(model))
    assert there == wanted | {name: sql for _, name, sql in frozen_triggers()}


def test_no_wall_is_missing(db: None) -> None:
    assert missing_walls() == ()


@pytest.mark.parametrize(
    "statement", ["UPDATE practice_installation SET world = 'demo'", "DELETE FROM practice_installation"]
)
def test_nothing_changes_what_kind_of_world_a_database_was_born_as(db: None, statement: str) -> None:
    practice_api.be_born(world="real")
    refused = pytest.raises(DatabaseError, match="cannot be changed")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert practice_api.world() == "real"


def test_every_trigger_of_a_key_refuses_a_row_of_another_practice(practice: PracticeRecord) -> None:
    member = practice_api.add_member(practice_id=practice.id, full_name="A Person", by="system:test")
    other: UUID = practice_api.create_practice(name="Other Clinic", by="system:test").id
    with practice_scope(practice.id, other), pytest.raises(DatabaseError):
        if connection.vendor == "postgresql":
            # Its keys are looked at when a transaction ends; this one never does.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        RoleAssignment.objects.create(
            id=uuid7(), practice_id=other, member_id=member.id, role="billing", given_by="system:test"
        )


def test_the_migrations_say_what_the_models_say(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.fixture
def own_connection(db: None, tmp_path: Path) -> Iterator[BaseDatabaseWrapper]:
    """A migrated SQLite file of this test's own, whose schema may be changed."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has keys and policies instead")
    made = connection.copy()
    made.settings_dict["NAME"] = str(migrated_home(tmp_path / "home") / "db" / "pocketward.sqlite3")
    yield made
    made.close()


def triggers_of(used: BaseDatabaseWrapper) -> dict[str, str]:
    with used.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return dict(cursor.fetchall())


def test_a_table_that_triggers_name_is_made_anew_and_they_stand_again(
    own_connection: BaseDatabaseWrapper,
) -> None:
    before = triggers_of(own_connection)
    column = WorkforceMember._meta.get_field("job_title")
    shorter = CharField(max_length=7)
    shorter.set_attributes_from_name("job_title")
    with own_connection.schema_editor() as editor:
        editor.alter_field(WorkforceMember, column, shorter)
        assert triggers_of(own_connection) == {}
    assert triggers_of(own_connection) == before != {}


def test_a_change_that_fails_leaves_every_trigger_where_it_was(own_connection: BaseDatabaseWrapper) -> None:
    before = triggers_of(own_connection)
    with pytest.raises(DatabaseError), own_connection.schema_editor() as editor:
        editor.execute("ALTER TABLE practice_workforcemember RENAME COLUMN no_such_column TO another")
    assert triggers_of(own_connection) == before


def test_what_only_makes_something_new_takes_no_trigger_away_and_mends_those_that_are_wrong(
    own_connection: BaseDatabaseWrapper,
) -> None:
    before = triggers_of(own_connection)
    gone, other, *_ = sorted(before)
    with own_connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{gone}"')
        cursor.execute(f'DROP TRIGGER "{other}"')
        stale = f"{PREFIX}of_an_older_version"
        for name in (other, stale):
            cursor.execute(
                f'CREATE TRIGGER "{name}" BEFORE DELETE ON practice_installation BEGIN SELECT 1; END'
            )
    with own_connection.schema_editor() as editor:
        editor.execute("CREATE TABLE quite_new (number integer)")
        assert stale in triggers_of(own_connection)
    assert triggers_of(own_connection) == before
