"""Sessions at apps behind the gate: started by a one-time code, ended by people, reports and time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from pocketward.access.errors import CodeSpent
from pocketward.access.events import GateSessionEnded, GateSessionStarted
from pocketward.access.models import App, DeviceAccess, GateSession, OneTimeCode
from pocketward.access.publishing import SESSION, publish, publish_person, seconds, withdraw
from pocketward.access.sign_in import browser_session
from pocketward.gate.records import SessionFacts
from pocketward.kernel import clock
from pocketward.kernel.ids import secret_token
from pocketward.practice import api as practice_api
from pocketward.spine.api import record, unit_of_work

CODE_LIFE = timedelta(minutes=1)


@dataclass(frozen=True)
class GateSessionRecord:
    """A person's session at an app."""

    id: UUID
    member_id: UUID
    app_id: UUID
    app_name: str
    strength: str
    started_at: datetime
    expires_at: datetime
    device_id: UUID | None


@dataclass(frozen=True)
class StartedSession:
    """A new session; `token` is the cookie's value and is kept nowhere."""

    token: str
    expires_at: datetime
    app_id: UUID
    # The page of the app that comes next.
    first_page: str


def token_digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("ascii", "replace")).hexdigest()


@unit_of_work
def issue_code(
    *, app_id: UUID, member_id: UUID, strength: str, auth_at: datetime, session_key: str = ""
) -> str:
    """A one-time code that takes this sign-in to the app's own host; good for one minute.

    `session_key` names the browser session it comes from: when that ends, so does what the code opened.
    `auth_at` is on the clock that never moves, as sign-in is; sessions at apps live on the product's.
    """
    secret = secret_token(16)
    app = App.objects.get(pk=app_id)
    OneTimeCode.objects.create(
        practice_id=app.practice_id,
        digest=token_digest(secret),
        member_id=member_id,
        app=app,
        strength=strength,
        auth_at=auth_at + (clock.now() - clock.true_now()),
        sign_in=browser_session.number_of(session_key),
        expires_at=clock.now() + CODE_LIFE,
    )
    publish_person(member_id)
    return secret


def waiting_code(*, code: str, host: str) -> OneTimeCode | None:
    """The code, with its app, while it is good on this host."""
    rows = OneTimeCode.objects.filter(digest=token_digest(code), spent_at=None, expires_at__gt=clock.now())
    row: OneTimeCode | None = rows.select_related("app").first()
    return row if row is not None and host in row.app.hosts else None


@unit_of_work
def redeem_code(*, code: str, host: str, fingerprint: str = "") -> StartedSession:
    """Spend the code for a session at the app that lives on `host`; CodeSpent otherwise.

    `fingerprint` names the access certificate that the request came with, if a trusted proxy showed one.
    """
    now = clock.now()
    row = waiting_code(code=code, host=host)
    if row is None or not OneTimeCode.objects.filter(pk=row.pk, spent_at=None).update(spent_at=now):
        raise CodeSpent()
    token = secret_token(20)
    device = device_of(fingerprint)
    device_id = None if device is None else device.device_id
    if device is not None and device.shared:
        _hand_over(device, row.member_id)
    session = GateSession.objects.create(
        practice_id=row.practice_id,
        token_hash=token_digest(token),
        member_id=row.member_id,
        app=row.app,
        strength=row.strength,
        auth_at=row.auth_at,
        expires_at=now + timedelta(hours=row.app.session_hours),
        sign_in=row.sign_in,
        device_id_seen=device_id,
    )
    publish(row.practice_id, SESSION, session.token_hash, session_facts(session))
    _record_started(session, row.app.name)
    return StartedSession(token, session.expires_at, row.app_id, row.app.first_page)


def session_facts(session: GateSession) -> SessionFacts:
    """The gate's form of a session."""
    return SessionFacts(
        token_hash=session.token_hash,
        practice_id=str(session.practice_id),
        member_id=str(session.member_id),
        app_id=str(session.app_id),
        strength=session.strength,  # type: ignore[arg-type]
        auth_at=seconds(session.auth_at),
        expires_at=seconds(session.expires_at),
        device_id=str(session.device_id_seen or ""),
    )


def device_of(fingerprint: str) -> DeviceAccess | None:
    """The device whose access certificate this is; None for no certificate."""
    if not fingerprint:
        return None
    rows = DeviceAccess.objects.exclude(fingerprints=[])
    found: DeviceAccess | None = next((row for row in rows if fingerprint in row.fingerprints), None)
    return found


def _hand_over(device: DeviceAccess, member_id: UUID) -> None:
    """On a shared tablet the next person's sign-in ends what the one before left open, here and there."""
    left = GateSession.objects.filter(device_id_seen=device.device_id, ended_at=None)
    for session in left.exclude(member_id=member_id):
        browser_session.end(session.sign_in)
        end_gate_sessions(
            practice_id=device.practice_id,
            by=f"member:{member_id}",
            reason="handed_over",
            session_id=session.id,
        )


def _record_started(session: GateSession, app_name: str) -> None:
    person = practice_api.get_member(member_id=session.member_id)
    device = session.device_id_seen
    record(
        GateSessionStarted(
            practice_id=session.practice_id,
            actor=f"member:{session.member_id}",
            actor_name=person.full_name,
            subject=f"device:{device}" if device else f"member:{session.member_id}",
            session_id=session.id,
            member_id=session.member_id,
            app_id=session.app_id,
            app_name=app_name,
            strength=session.strength,
            device_id=device,
        )
    )


@unit_of_work
def end_gate_sessions(
    *,
    practice_id: UUID,
    by: str,
    reason: str,
    device_ids: tuple[UUID, ...] = (),
    member_id: UUID | None = None,
    session_id: UUID | None = None,
    sign_in: int | None = None,
    app_id: UUID | None = None,
    case_ref: str = "",
) -> int:
    """End the sessions on these devices, of this person, from this sign-in, at this app, or this one.

    How many ended.
    """
    wanted = Q(device_id_seen__in=device_ids)
    if app_id is not None:
        wanted |= Q(app_id=app_id)
    if member_id is not None:
        wanted |= Q(member_id=member_id)
    if session_id is not None:
        wanted |= Q(pk=session_id)
    if sign_in is not None:
        wanted |= Q(sign_in=sign_in)
    rows = list(GateSession.objects.filter(wanted, practice_id=practice_id, ended_at=None))
    for session in rows:
        GateSession.objects.filter(pk=session.pk).update(ended_at=clock.now(), ended_by=by)
        withdraw(practice_id, SESSION, session.token_hash)
        record(
            GateSessionEnded(
                practice_id=practice_id,
                actor=by,
                subject=f"member:{session.member_id}",
                case_ref=case_ref,
                session_id=session.id,
                member_id=session.member_id,
                app_id=session.app_id,
                reason=reason,
            )
        )
    return len(rows)


def gate_sessions(*, practice_id: UUID, member_id: UUID | None = None) -> tuple[GateSessionRecord, ...]:
    """Open sessions at apps, newest first."""
    rows = GateSession.objects.filter(practice_id=practice_id, ended_at=None, expires_at__gt=clock.now())
    rows = rows.filter(member_id=member_id) if member_id is not None else rows
    return tuple(
        GateSessionRecord(
            row.id, row.member_id, row.app_id, row.app.name, row.strength, row.started_at, row.expires_at,
            row.device_id_seen,
        )
        for row in rows.select_related("app").order_by("-started_at")
    )  # fmt: skip


def devices_of_sign_in(*, practice_id: UUID, session_key: str) -> frozenset[UUID]:
    """The devices on which sessions at apps were opened from this browser session: it lives there."""
    number = browser_session.number_of(session_key)
    return devices_of_number(number) if number is not None else frozenset()


def devices_of_number(sign_in: int) -> frozenset[UUID]:
    """The same, by the browser session's number, in the practice in scope."""
    rows = GateSession.objects.filter(sign_in=sign_in, device_id_seen__isnull=False)
    return frozenset(rows.values_list("device_id_seen", flat=True))


@unit_of_work
def require_fresh_passkey(*, member_id: UUID) -> None:
    """Let the person's sessions elsewhere go on only after a fresh passkey, at every app and page."""
    person = practice_api.get_member(member_id=member_id)
    if person.account_id is not None:
        practice_api.require_fresh_sign_in(account_id=person.account_id)
    publish_person(member_id)
