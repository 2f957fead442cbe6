"""Practice scoping, wall 1."""

from __future__ import annotations

import pytest

from pocketward.practice import api as practice_api
from pocketward.practice.models import WorkforceMember
from pocketward.practice.records import Member, PracticeRecord
from pocketward.spine.errors import ScopeChanged, ScopeMissing
from pocketward.spine.scope import _scope, practice_scope


@pytest.fixture
def other(installation: None) -> PracticeRecord:
    return practice_api.create_practice(name="Lakeview Counseling", by="system:test")


def test_a_query_with_no_practice_in_scope_raises(installation: None) -> None:
    assert _scope.get() is None
    with pytest.raises(ScopeMissing):
        WorkforceMember.objects.all()


def test_a_practice_sees_only_its_own_people(
    practice: PracticeRecord, owner: Member, other: PracticeRecord
) -> None:
    with practice_scope(other.id):
        assert practice_api.members(practice_id=practice.id) == ()
        with pytest.raises(practice_api_error()):
            practice_api.get_member(member_id=owner.id)
    assert [person.full_name for person in practice_api.members(practice_id=practice.id)] == ["Dana Example"]


def practice_api_error() -> type[Exception]:
    from pocketward.practice.errors import NoSuchMember

    return NoSuchMember


def test_a_query_built_in_one_scope_raises_in_another(
    practice: PracticeRecord, owner: Member, other: PracticeRecord
) -> None:
    rows = WorkforceMember.objects.all()
    with practice_scope(other.id):
        for verb in (list, lambda q: q.count(), lambda q: q.update(phone="x"), lambda q: q.delete()):
            with pytest.raises(ScopeChanged):
                verb(rows)


def test_a_row_of_another_practice_cannot_be_saved_or_deleted(
    practice: PracticeRecord, owner: Member, other: PracticeRecord
) -> None:
    row = WorkforceMember.objects.get(pk=owner.id)
    with practice_scope(other.id):
        with pytest.raises(ScopeChanged):
            row.save()
        with pytest.raises(ScopeChanged):
            row.delete()
    row.practice_id = other.id
    with pytest.raises(ScopeChanged):
        row.save()
