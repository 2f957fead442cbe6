"""Who may act in a case: judged by the verbs themselves, so that no page or job can forget it."""

from __future__ import annotations

from uuid import UUID

from pocketward.practice import api as practice_api
from pocketward.practice.api import Member
from pocketward.response.errors import NotAllowed

# Whoever works here may be believed about a colleague; these come from outside.
OUTSIDERS = frozenset({"auditor", "service_technician"})


def person_here(*, practice_id: UUID, member_id: UUID) -> Member:
    """A person who works in this practice now; NotAllowed for anybody else."""
    person = practice_api.get_member(member_id=member_id)
    if person.practice_id != practice_id or person.left_at is not None:
        raise NotAllowed()
    return person


def officer_here(*, practice_id: UUID, member_id: UUID) -> Member:
    """An officer of this practice; NotAllowed for anybody else."""
    person = person_here(practice_id=practice_id, member_id=member_id)
    if not person.is_officer:
        raise NotAllowed()
    return person


def colleague_here(*, practice_id: UUID, member_id: UUID) -> Member:
    """Somebody who works here and is more than an outsider with a look in; NotAllowed for anybody else."""
    person = person_here(practice_id=practice_id, member_id=member_id)
    if person.roles and person.roles <= OUTSIDERS:
        raise NotAllowed("Only somebody who works here can vouch for a colleague.")
    return person
