"""Emergency access in its smallest form: passkey, reason, half an hour, one app, told at once, reviewed.

It opens past a role, a stale or failed posture and a quarantine; the gate never lets it past a hold, a lost
device or a failed integrity check, whatever is granted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_noop

from pocketward.access.errors import EmergencyRefused, ReviewNotYours, ReviewUnread
from pocketward.access.events import EmergencyAccessEnded, EmergencyAccessOpened, EmergencyAccessReviewed
from pocketward.access.models import DecisionRow, DeviceAccess, EmergencyGrant, Hold
from pocketward.access.publishing import EMERGENCY, publish, seconds, withdraw
from pocketward.access.registry import get_app
from pocketward.access.sign_in.strength import is_phishing_resistant
from pocketward.gate.records import EmergencyFacts
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.spine.api import JobContext, JobSpec, enqueue, record, unit_of_work

LIFE = timedelta(minutes=30)
FRESH = timedelta(minutes=10)
# A closed list: free words would name patients.
REASONS = ("patient_waiting", "device_refused", "covering_for_colleague", "system_trouble")
FINDINGS = ("needed", "talk_about_it", "not_needed")


@dataclass(frozen=True)
class EmergencyRecord:
    """One use of emergency access, and its review. `decisions` is how many answers it opened."""

    id: UUID
    member_id: UUID
    app_id: UUID
    app_name: str
    reason: str
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    read_by: UUID | None
    reviewed_by: UUID | None
    reviewed_at: datetime | None
    finding: str
    decisions: int


@unit_of_work
def open_emergency(
    *,
    practice_id: UUID,
    member_id: UUID,
    app_id: UUID,
    reason: str,
    strength: str,
    auth_at: datetime,
    device_id: UUID | None = None,
) -> EmergencyRecord:
    """Open one app for half an hour; what runs already is given back. EmergencyRefused.

    `strength` and `auth_at` (true clock) are those of the sign-in that asks: a passkey of 10 minutes at most.
    """
    app, person = get_app(app_id=app_id), practice_api.get_member(member_id=member_id)
    _require(
        app.practice_id == practice_id and app.is_ours and not app.is_removed,
        gettext_noop("This app cannot be opened from here."),
    )
    _require(person.left_at is None, gettext_noop("Only people of this practice can use emergency access."))
    _require(reason in REASONS, gettext_noop("Choose one of the listed reasons."))
    is_fresh = clock.true_now() - auth_at <= FRESH
    _require(
        is_phishing_resistant(strength) and is_fresh, gettext_noop("Use your passkey again, then open it.")
    )
    if device_id is not None:
        _refuse_closed_device(device_id)
    now = clock.now()
    running = EmergencyGrant.objects.filter(
        member_id=member_id, app_id=app_id, ended_at=None, expires_at__gt=now
    ).first()
    if running is not None:
        return _record(running)
    grant = EmergencyGrant.objects.create(
        practice_id=practice_id, member_id=member_id, app_id=app_id, reason=reason, strength=strength,
        device_id_used=device_id, opened_at=now, expires_at=now + LIFE,
    )  # fmt: skip
    facts = EmergencyFacts(
        str(grant.id), str(practice_id), str(member_id), str(app_id), seconds(now), seconds(grant.expires_at)
    )
    publish(practice_id, EMERGENCY, str(grant.id), facts)
    enqueue("access.end_emergency", practice_id, {"grant_id": str(grant.id)}, not_before=grant.expires_at)
    record(
        EmergencyAccessOpened(
            practice_id=practice_id, actor=f"member:{member_id}", actor_name=person.full_name,
            subject=f"member:{member_id}", grant_id=grant.id, member_id=member_id, app_id=app_id,
            app_name=app.name, reason=reason, strength=strength, expires_at=grant.expires_at,
        )
    )  # fmt: skip
    return _record(grant)


def _require(is_so: bool, sentence: str) -> None:
    if not is_so:
        raise EmergencyRefused(sentence)


def _refuse_closed_device(device_id: UUID) -> None:
    row = DeviceAccess.objects.filter(device_id=device_id).first()
    is_held = Hold.objects.filter(device_id=device_id, lifted_at=None).exists()
    checks = row.checks if row is not None else []
    is_suspicious = any(check.get("integrity") and check.get("result") == "fail" for check in checks)
    if is_held or is_suspicious or (row is not None and (row.lost or row.must_report_since)):
        raise EmergencyRefused(gettext_noop("Emergency access does not open on this phone. Use another one."))


@unit_of_work
def end_emergency(*, grant_id: UUID, by: str) -> None:
    """End a grant now; ending it again does nothing."""
    grant = EmergencyGrant.objects.filter(pk=grant_id, ended_at=None).first()
    if grant is None:
        return
    EmergencyGrant.objects.filter(pk=grant_id).update(ended_at=min(clock.now(), grant.expires_at))
    withdraw(grant.practice_id, EMERGENCY, str(grant_id))
    record(
        EmergencyAccessEnded(
            practice_id=grant.practice_id, actor=by, subject=f"member:{grant.member_id}", grant_id=grant_id,
            member_id=grant.member_id, app_id=grant.app_id,
        )
    )  # fmt: skip


def _end_by_time(context: JobContext) -> None:
    grant_id = UUID(context.payload["grant_id"])
    context.finish(lambda: end_emergency(grant_id=grant_id, by="system:access"))


JOBS = {"access.end_emergency": JobSpec(_end_by_time)}


def running_emergency(*, member_id: UUID) -> EmergencyRecord | None:
    """The person's running grant that ends last."""
    rows = EmergencyGrant.objects.filter(member_id=member_id, ended_at=None, expires_at__gt=clock.now())
    row = rows.order_by("-expires_at").first()
    return _record(row) if row is not None else None


def emergencies(*, practice_id: UUID, waiting: bool | None = None) -> tuple[EmergencyRecord, ...]:
    """Uses of emergency access, newest first; `waiting` for those not yet (True) or already reviewed."""
    rows = EmergencyGrant.objects.filter(practice_id=practice_id).order_by("-opened_at")
    if waiting is not None:
        rows = rows.filter(reviewed_at__isnull=waiting)
    return tuple(_record(row) for row in rows.select_related("app"))


@unit_of_work
def read_emergency(*, grant_id: UUID, by_member_id: UUID) -> EmergencyRecord:
    """Note that an officer has the use before them; the record, with how much it opened."""
    grant = EmergencyGrant.objects.get(pk=grant_id)
    _require_reviewer(grant, by_member_id)
    if grant.reviewed_at is None:
        grant.read_by, grant.read_at = by_member_id, clock.now()
        grant.save(update_fields=["read_by", "read_at"])
    return _record(grant)


@unit_of_work
def review_emergency(*, grant_id: UUID, by_member_id: UUID, finding: str) -> None:
    """Close the review. ReviewUnread unless the same officer has read it after it ended; ReviewNotYours."""
    grant = EmergencyGrant.objects.get(pk=grant_id)
    if grant.reviewed_at is not None:
        return
    own = _require_reviewer(grant, by_member_id)
    ended_at = grant.ended_at or grant.expires_at
    is_read = grant.read_by == by_member_id and grant.read_at is not None and grant.read_at >= ended_at
    if not is_read or finding not in FINDINGS:
        raise ReviewUnread()
    grant.reviewed_by, grant.reviewed_at, grant.finding = by_member_id, clock.now(), finding
    grant.save(update_fields=["reviewed_by", "reviewed_at", "finding"])
    reviewer = practice_api.get_member(member_id=by_member_id)
    record(
        EmergencyAccessReviewed(
            practice_id=grant.practice_id, actor=f"member:{by_member_id}", actor_name=reviewer.full_name,
            subject=f"member:{grant.member_id}", grant_id=grant_id, member_id=grant.member_id,
            reviewer_id=by_member_id, finding=finding, decisions=_decisions(grant), own=own,
        )
    )  # fmt: skip


def _require_reviewer(grant: EmergencyGrant, member_id: UUID) -> bool:
    """Whether the reviewer judges their own use; allowed only where there is no other officer."""
    officers = {person.id for person in practice_api.officers(practice_id=grant.practice_id)}
    own = grant.member_id == member_id
    if member_id not in officers or (own and len(officers) > 1):
        raise ReviewNotYours()
    return bool(own)


def _decisions(grant: EmergencyGrant) -> int:
    rows = DecisionRow.objects.filter(practice_id=grant.practice_id, member_id=grant.member_id)
    return int(rows.filter(rule=f"emergency:{grant.id}").count())


def _record(row: EmergencyGrant) -> EmergencyRecord:
    return EmergencyRecord(
        row.id, row.member_id, row.app_id, row.app.name, row.reason, row.opened_at, row.expires_at,
        row.ended_at, row.read_by, row.reviewed_by, row.reviewed_at, row.finding, _decisions(row),
    )  # fmt: skip
