"""Who may order and approve what destroys: officers, and to approve only, the IT provider's technicians."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from pocketward.fleet import guard
from pocketward.fleet.models import Enrollment
from pocketward.kernel import clock
from pocketward.practice import api as practice_api

# Strengths of sign-in that a look-alike page cannot get (the scale is access's; these are its names).
PHISHING_RESISTANT = ("passkey", "passkey_synced", "demo")
NEW_APPROVER_WAIT = timedelta(hours=24)


def has_second_channel(*, member_id: UUID) -> bool:
    """Whether this person can be told on another channel than their browser, and say stop there."""
    return bool(settings.POCKETWARD.mail.host and practice_api.get_member(member_id=member_id).email)


def refusal_without_second_person(practice_id: UUID, member_id: UUID) -> guard.Refusal | None:
    """The only officer destroys nothing without a channel to say stop on, or somebody who will approve.

    That is the IT provider, or an officer whose yes counts from tomorrow: then the order waits for it.
    """
    if not is_alone(practice_id=practice_id, member_id=member_id) or has_second_channel(member_id=member_id):
        return None
    officers = {span.member_id for span in _officer_spans(practice_id, clock.now())} - {member_id}
    if officers & practice_api.with_sign_in(practice_id=practice_id):
        return None
    if other_approvers(practice_id=practice_id, ordered_by=member_id):
        return None
    return guard.Refusal(
        "no_second_channel",
        "With one officer, this needs mail for its stop link. Set mail up, or name a second officer.",
    )


def _officer_spans(practice_id: UUID, until: datetime) -> tuple[practice_api.RoleSpan, ...]:
    """The officer roles that somebody held at `until` or later."""
    return tuple(
        span
        for span in practice_api.role_history(practice_id=practice_id)
        if span.role in practice_api.OFFICERS and (span.until is None or span.until > until)
    )


def is_alone(*, practice_id: UUID, member_id: UUID) -> bool:
    """Whether nobody else could say yes as an officer, now or within the last 24 hours.

    Whoever never signed in, or did so for the first time today, can approve nothing yet: orders would wait
    for a yes that nobody can give. But nobody gets alone by what they do: a role that ended counts for a day
    more, and so does whoever was given a new sign-in instead of the one they had.
    """
    began, now = first_enrollment(practice_id), clock.now()
    could = {
        span.member_id
        for span in _officer_spans(practice_id, now - NEW_APPROVER_WAIT)
        if _has_waited(span.since, began, now)
    } & practice_api.with_sign_in(practice_id=practice_id)
    return not could - {member_id} - _new_sign_ins(practice_id, began, now, first_only=True)


def _has_waited(since: datetime, began: datetime | None, now: datetime) -> bool:
    return began is None or since <= began or since <= now - NEW_APPROVER_WAIT


def seasoned_officers(*, practice_id: UUID) -> frozenset[UUID]:
    """The officers who may order or approve: for 24 hours, or since before the first enrollment.

    Role and sign-in are both judged: whoever invites may hold the secret that a sign-in was made with.
    """
    began, now = first_enrollment(practice_id), clock.now()
    seasoned = frozenset(
        span.member_id for span in _officer_spans(practice_id, now) if _has_waited(span.since, began, now)
    )
    return seasoned - _new_sign_ins(practice_id, began, now)


def _new_sign_ins(
    practice_id: UUID, began: datetime | None, now: datetime, *, first_only: bool = False
) -> frozenset[UUID]:
    """Who got their sign-in by a link in the last 24 hours; `first_only` leaves out who had one before.

    An invitation made before the first enrollment does not count as new; one that replaces a sign-in does.
    """
    since = now - NEW_APPROVER_WAIT
    return frozenset(
        spent.member_id
        for spent in practice_api.invitations_spent_since(practice_id=practice_id, since=since)
        if (spent.is_new_sign_in and not first_only)
        or (not spent.is_new_sign_in and began is not None and spent.made_at > began)
    )


def seasoned_technicians(*, practice_id: UUID) -> frozenset[UUID]:
    """The IT provider's technicians who may approve, and never order: 24 hours after they were let in."""
    began, now = first_enrollment(practice_id), clock.now()
    seasoned = frozenset(
        grant.member_id
        for grant in practice_api.service_grants(practice_id=practice_id)
        if grant.has_account and grant.is_live(now) and _has_waited(grant.given_at, began, now)
    )
    return seasoned - _new_sign_ins(practice_id, began, now)


def first_enrollment(practice_id: UUID) -> datetime | None:
    """When the first phone joined: what was given before counts at once."""
    first = (
        Enrollment.objects.filter(practice_id=practice_id, enrolled_at__isnull=False)
        .order_by("enrolled_at")
        .first()
    )
    return first.enrolled_at if first is not None else None


def other_approvers(*, practice_id: UUID, ordered_by: UUID) -> tuple[UUID, ...]:
    """The officers and the IT provider's technicians who may approve what this person ordered.

    Roles and access given less than 24 hours ago do not count, unless given before the first enrollment; nor
    does anybody who never signed in.
    """
    found = seasoned_officers(practice_id=practice_id) & practice_api.with_sign_in(practice_id=practice_id)
    return tuple(sorted((found | seasoned_technicians(practice_id=practice_id)) - {ordered_by}))
