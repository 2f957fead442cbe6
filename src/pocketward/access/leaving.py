"""Nothing left behind: a browser is led past the hosts of the record systems it may have something of.

The record system's own cookie, storage and cached pages live on its own host, where only an answer of that
host can take them away. So who signs out passes `/.pocketward/leave` on each of them, one after the other,
and comes back; and on a shared tablet a session that follows another person's starts with the same.

The way is a text that we sign and that counts for two minutes: it names record systems by their ids, so that
it leads to addresses of theirs only, and the account that leaves, so that nobody is sent on it by another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import Q

from pocketward.access.errors import NotOnTheWay
from pocketward.access.models import App, GateSession
from pocketward.access.sessions import (
    device_of,
    devices_of_number,
    end_gate_sessions,
    token_digest,
    waiting_code,
)
from pocketward.practice import api as practice_api
from pocketward.spine.api import practice_scope

PATH = "/.pocketward/leave"
BACK = "/sign-in/"
COUNTS_FOR = timedelta(minutes=2)
# More record systems than anybody opens; browsers follow twenty redirects.
MOST_STOPS = 12
_SALT, _CLEANED = "pocketward.access.leaving", "pocketward.access.cleaned"

Stop = tuple[UUID, UUID]  # practice, app


@dataclass(frozen=True)
class Left:
    """Where the browser goes next, and whether it drops what it holds of the host it comes from."""

    onward: str
    clears: bool


def way_out(*, account_id: UUID, sign_in: int | None) -> str:
    """Where the browser that signs out goes first; empty when it has been at no record system.

    Record systems at which this account has a session still, or opened one from this sign-in or on its
    device. To be asked before the sessions are ended.
    """
    everywhere = tuple(practice.id for practice in practice_api.practices())
    stops: list[Stop] = []
    for practice_id, member_id in practice_api.memberships(account_id=account_id, practice_ids=everywhere):
        with practice_scope(practice_id):
            stops += [(practice_id, app_id) for app_id in _visited(member_id, sign_in)]
    return _address(account_id, tuple(stops[:MOST_STOPS]))


def _visited(member_id: UUID, sign_in: int | None) -> tuple[UUID, ...]:
    wanted = Q(ended_at=None)
    if sign_in is not None:
        wanted |= Q(sign_in=sign_in) | Q(device_id_seen__in=devices_of_number(sign_in))
    rows = GateSession.objects.filter(wanted, member_id=member_id)
    return tuple(sorted(app for app in set(rows.values_list("app_id", flat=True)) if _origin(app)))


def _origin(app_id: UUID) -> str:
    row = App.objects.filter(pk=app_id, removed_at=None).first()
    return row.origin if row is not None and row.hosts else ""


def _address(account_id: UUID, stops: tuple[Stop, ...]) -> str:
    """The first stop's address with the way from there; empty for none. What is gone meanwhile is skipped."""
    for place, (practice_id, app_id) in enumerate(stops):
        with practice_scope(practice_id):
            origin = _origin(app_id)
        if origin:
            left = [[practice.hex, app.hex] for practice, app in stops[place:]]
            return f"{origin}{PATH}?way={signing.dumps([account_id.hex, left], salt=_SALT, compress=True)}"
    return ""


def leave(*, way: str, host: str, token: str) -> Left:
    """This host's stop: ends the session whose cookie the browser shows; where it goes next.

    `host` is the name that the browser asked for, `token` the cookie's value or nothing. A session of
    somebody else that is still open is left alone: nobody signs another person out. NotOnTheWay for a way
    that is not ours, too old, or for another host.
    """
    account_id, stops = _read(way)
    practice_id, app_id = stops[0]
    with practice_scope(practice_id):
        app = App.objects.filter(pk=app_id, removed_at=None).first()
        if app is None or host not in app.hosts:
            raise NotOnTheWay()
        clears = _end(practice_id, account_id, token)
    onward = _address(account_id, stops[1:]) or f"{settings.POCKETWARD.people_url}{BACK}"
    return Left(onward, clears)


def _end(practice_id: UUID, account_id: UUID, token: str) -> bool:
    """End the session behind the cookie; whether what the browser holds of this host may go."""
    session = GateSession.objects.filter(token_hash=token_digest(token), ended_at=None).first()
    if session is None:
        return True
    person = practice_api.get_member(member_id=session.member_id)
    if person.account_id != account_id:
        return False
    end_gate_sessions(
        practice_id=practice_id, by=f"member:{person.id}", reason="signed_out", session_id=session.id
    )
    return True


def _read(way: str) -> tuple[UUID, tuple[Stop, ...]]:
    try:
        content: Any = signing.loads(way, salt=_SALT, max_age=COUNTS_FOR)
        account, stops = content
        return UUID(account), tuple((UUID(practice), UUID(app)) for practice, app in stops)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NotOnTheWay() from error


def follows_somebody(*, code: str, host: str, fingerprint: str, cleaned: str) -> str:
    """Whether whoever brings this code to a shared tablet comes after another person, whose things the
    browser may still hold. Empty when not, or when `cleaned` proves that they are gone; else that proof, to
    come back with.
    """
    row = waiting_code(code=code, host=host)
    device = device_of(fingerprint)
    if row is None or device is None or not device.shared:
        return ""
    before = GateSession.objects.filter(device_id_seen=device.device_id, app_id=row.app_id)
    last = before.order_by("-started_at").first()
    if last is None or last.member_id == row.member_id or _proves(cleaned, row.digest):
        return ""
    return signing.dumps(row.digest, salt=_CLEANED)


def _proves(cleaned: str, digest: str) -> bool:
    try:
        return bool(signing.loads(cleaned, salt=_CLEANED, max_age=COUNTS_FOR) == digest)
    except signing.BadSignature:
        return False
