"""Enrollment tickets: who may enroll one device, as what, until when."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

from pocketward.fleet.errors import FleetError, LabelTooLong, TicketMadeAlready, TicketSpent, TicketUsed
from pocketward.fleet.events import EnrollmentTicketMade, EnrollmentTicketWithdrawn
from pocketward.fleet.identities import revoke_identities
from pocketward.fleet.models import Device, Enrollment
from pocketward.fleet.records import EnrollmentRecord, Ticket
from pocketward.kernel import clock
from pocketward.kernel.ids import secret_token, uuid7
from pocketward.protocols.apple_mdm import AccessRight, rights_for
from pocketward.spine.api import record, unit_of_work

LIFE = timedelta(days=3)
LONGEST_LABEL = 80
KINDS = (Device.IPHONE, Device.IPAD)
OWNERSHIPS = (Device.PRACTICE_OWNED, Device.PERSONAL)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def rights_of(ownership: str) -> int:
    """The access rights that an enrollment of this ownership carries; personal ones cannot erase."""
    return int(rights_for("personal" if ownership == Device.PERSONAL else "practice"))


def may_erase(access_rights: int) -> bool:
    """Whether an enrollment with these rights may erase the device."""
    return bool(access_rights & AccessRight.ERASE)


@unit_of_work
def create_enrollment_ticket(
    *,
    practice_id: UUID,
    member_id: UUID | None,
    ownership: str,
    kind: str,
    label: str,
    shared: bool = False,
    for_case: str = "",
    enrollment_id: UUID | None = None,
    by: str,
) -> Ticket:
    """A ticket for one device, good for 3 days; the secret is the end of its enrollment address.

    `for_case` is the loss case whose phone it replaces. An `enrollment_id` drawn before makes the same wish
    sent twice harmless: TicketMadeAlready the second time.
    """
    _require_sound(kind, ownership, shared=shared)
    label, secret = _sound_label(label), secret_token(16)
    row = Enrollment.objects.create(
        id=_fresh_number(enrollment_id, (member_id, ownership, kind, label)),
        practice_id=practice_id,
        ticket_digest=_digest(secret),
        member_id=member_id,
        label=label,
        kind=kind,
        ownership=ownership,
        shared=shared,
        for_case=for_case,
        access_rights=rights_of(ownership),
        made_by=by,
        expires_at=clock.now() + LIFE,
    )
    record(
        EnrollmentTicketMade(
            practice_id=practice_id,
            actor=by,
            subject=f"enrollment:{row.id}",
            enrollment_id=row.id,
            label=row.label,
            device_kind=kind,
            ownership=ownership,
            member_id=member_id,
        )
    )
    return Ticket(row.id, secret, row.expires_at)


def _require_sound(kind: str, ownership: str, *, shared: bool) -> None:
    if kind not in KINDS or ownership not in OWNERSHIPS:
        raise FleetError("Choose an iPhone or an iPad, and whose it is.")
    if shared and ownership != Device.PRACTICE_OWNED:
        raise FleetError("Only a practice-owned tablet can be shared.")


def _sound_label(text: str) -> str:
    label = " ".join(text.split()) or "New phone"
    if len(label) > LONGEST_LABEL:
        raise LabelTooLong()
    return label


def _fresh_number(drawn: UUID | None, wish: tuple[UUID | None, str, str, str]) -> UUID:
    """The number drawn for a ticket; another when a different wish has it. TicketMadeAlready: this has it."""
    made = Enrollment.objects.filter(pk=drawn).first() if drawn else None
    if made is not None and (made.member_id, made.ownership, made.kind, made.label) == wish:
        raise TicketMadeAlready()
    return drawn if drawn is not None and made is None else uuid7()


def find_ticket(*, practice_id: UUID, secret: str) -> EnrollmentRecord:
    """The enrollment behind a ticket, as long as no device has used it; TicketSpent otherwise.

    The profile may be fetched again until the device says Authenticate: downloads on phones break.
    """
    from pocketward.fleet.devices import enrollment_record

    row = Enrollment.objects.filter(
        practice_id=practice_id, ticket_digest=_digest(secret), state=Enrollment.TICKET
    ).first()
    if row is None or row.expires_at < clock.now():
        raise TicketSpent()
    return enrollment_record(row)


@unit_of_work
def withdraw_ticket(*, enrollment_id: UUID, by: str) -> None:
    """Take a ticket back before any device has joined with it: its link, and any certificate that a phone got
    by it and has not shown yet, are good no more. TicketUsed.
    """
    unused = Enrollment.objects.filter(pk=enrollment_id, state=Enrollment.TICKET, device=None)
    if not unused.update(state=Enrollment.WITHDRAWN, ended_at=clock.now()):
        raise TicketUsed()
    row = Enrollment.objects.get(pk=enrollment_id)
    revoke_identities(enrollment_id=row.id, reason="cessation", by=by)
    record(
        EnrollmentTicketWithdrawn(
            practice_id=row.practice_id, actor=by, subject=f"enrollment:{row.id}", enrollment_id=row.id,
            label=row.label,
        )
    )  # fmt: skip


@unit_of_work
def note_profile_fetched(*, enrollment_id: UUID) -> None:
    """Remember that the phone (or somebody) has fetched the profile; shown as half-enrolled."""
    Enrollment.objects.filter(pk=enrollment_id, profile_fetched_at=None).update(
        profile_fetched_at=clock.now()
    )
