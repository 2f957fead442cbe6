"""From a presented certificate to the enrollment it speaks for, judged afresh for every message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from pocketward.fleet.apple.identity import IdentityRefused, Presented
from pocketward.fleet.events import IdentityRolledOver
from pocketward.fleet.models import Command, Enrollment, EraseIntent
from pocketward.fleet.models.commands import OPEN
from pocketward.pki import api as pki_api
from pocketward.protocols.apple_mdm import CheckIn, CommandReport
from pocketward.spine.api import record, unit_of_work

MANAGEMENT = "management"
VALID = "valid"
SECRETS = ("push_token", "push_magic", "unlock_token")
RENEWAL = "renewal"
# Certificates are dated a little back, so that phones with slow clocks take them; pki's figure, rounded up.
BACKDATED = timedelta(minutes=15)


@dataclass(frozen=True)
class KnownSender:
    """An enrollment, found by the identity it was bound to.

    `has_open_commands` and `may_contradict` (an erase that this identity has acknowledged) come with the
    same query, so that an idle phone costs no second one.
    """

    practice_id: UUID
    enrollment_id: UUID
    device_id: UUID
    fingerprint: str
    state: str
    device_key: str
    has_open_commands: bool
    may_contradict: bool
    is_trusted: bool

    @property
    def is_live(self) -> bool:
        """Whether the enrollment has not ended and its certificate counts."""
        return self.is_trusted and self.state in Enrollment.LIVE


def enrollment_of_certificate(practice_id: UUID, presented: Presented) -> UUID:
    """The enrollment a management certificate was issued for; IdentityRefused for any other certificate."""
    identity = pki_api.identity_of(practice_id=practice_id, certificate_der=presented.der)
    if identity is None:
        raise IdentityRefused("unknown_certificate")
    if identity.purpose != MANAGEMENT or identity.enrollment_id is None:
        raise IdentityRefused("wrong_purpose")
    if identity.state != VALID:
        raise IdentityRefused(f"certificate_{identity.state}")
    return identity.enrollment_id


def known_sender(practice_id: UUID, presented: Presented) -> KnownSender:
    """The enrollment this identity is bound to; IdentityRefused when there is none."""
    identity = pki_api.identity_of(practice_id=practice_id, certificate_der=presented.der)
    if identity is None or identity.purpose != MANAGEMENT:
        raise IdentityRefused("unknown_certificate" if identity is None else "wrong_purpose")
    row = _row(practice_id, presented.fingerprint)
    if row is None and identity.state == VALID and _roll_over(identity):
        row = _row(practice_id, presented.fingerprint)
    if row is None or row.device_id is None:
        raise IdentityRefused("not_enrolled")
    return KnownSender(
        practice_id=practice_id,
        enrollment_id=row.id,
        device_id=row.device_id,
        fingerprint=presented.fingerprint,
        state=row.state,
        device_key=row.udid,
        has_open_commands=row.has_open,  # type: ignore[attr-defined]
        may_contradict=row.may_contradict,  # type: ignore[attr-defined]
        is_trusted=identity.state == VALID,
    )


def _row(practice_id: UUID, fingerprint: str) -> Enrollment | None:
    erased = EraseIntent.objects.filter(
        Q(acknowledged_fingerprint=fingerprint, contradicted_at=None, acknowledged_at__isnull=False),
        device_id=OuterRef("device_id"),
    )
    rows = (
        Enrollment.objects.filter(practice_id=practice_id, management_fingerprint=fingerprint)
        .defer(*SECRETS)
        .annotate(
            has_open=Exists(Command.objects.filter(enrollment_id=OuterRef("id"), state__in=OPEN)),
            may_contradict=Exists(erased),
        )
        .order_by("-made_at")
    )
    found: Enrollment | None = rows.first()
    return found


def _roll_over(identity: pki_api.Identity) -> bool:
    """Bind an enrollment to the identity it was told to renew; whether that is what this one is.

    Only a renewal that we handed out opens this way, and only to a certificate issued after it: one that was
    got with the same ticket before the phone joined stays refused for good.
    """
    row = Enrollment.objects.filter(pk=identity.enrollment_id, state__in=Enrollment.LIVE).first()
    orders = Command.objects.filter(enrollment_id=identity.enrollment_id, purpose=RENEWAL, offers__gt=0)
    order = orders.order_by("-ordered_at").first()
    if row is None or row.device_id is None or order is None:
        return False
    if identity.not_before + BACKDATED < order.ordered_at:
        return False
    _bind(row, identity.fingerprint)
    return True


@unit_of_work
def _bind(row: Enrollment, fingerprint: str) -> None:
    changed = Enrollment.objects.filter(pk=row.pk, management_fingerprint=row.management_fingerprint).update(
        management_fingerprint=fingerprint
    )
    if changed and row.device_id is not None:
        record(
            IdentityRolledOver(
                practice_id=row.practice_id,
                actor=f"device:{row.device_id}",
                subject=f"device:{row.device_id}",
                device_id=row.device_id,
                enrollment_id=row.id,
                old_fingerprint=row.management_fingerprint,
                fingerprint=fingerprint,
            )
        )


def require_same_device(sender: KnownSender, message: CheckIn | CommandReport) -> None:
    """The message must name the device the identity was given to (IdentityRefused: wrong device)."""
    if sender.device_key and message.device_key != sender.device_key:
        raise IdentityRefused("wrong_device")
