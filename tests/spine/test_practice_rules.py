"""The walls in the database are those that the models ask for."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError

from pocketward.kernel.ids import uuid7
from pocketward.practice import api as practice_api
from pocketward.practice.api import PracticeRecord
from pocketward.practice.models import RoleAssignment
from pocketward.spine.api import missing_walls, practice_scope
from pocketward.spine.practice_rules import PREFIX, frozen_triggers, practice_models, sqlite_triggers


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
