"""Who may work on a case: judged by the verbs themselves, so that no page or job can forget it."""

from __future__ import annotations

from uuid import UUID

from pocketward.incidents.errors import NotYours
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member

PRIVACY_OFFICER = "privacy_officer"


def officer_here(*, practice_id: UUID, member_id: UUID) -> Member:
    """An officer who works in this practice now; NotYours for anybody else."""
    person = practice_api.get_member(member_id=member_id)
    if person.practice_id != practice_id or person.left_at is not None or not person.is_officer:
        raise NotYours("Only an officer can do this.")
    return person


def privacy_officer_here(*, practice_id: UUID, member_id: UUID) -> Member:
    """The practice's privacy officer; NotYours for anybody else."""
    person = practice_api.get_member(member_id=member_id)
    is_here = person.practice_id == practice_id and person.left_at is None
    if not is_here or PRIVACY_OFFICER not in person.roles:
        raise NotYours()
    return person
