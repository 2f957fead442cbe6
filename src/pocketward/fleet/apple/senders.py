"""From a presented certificate to the enrollment it speaks for, judged afresh for every message."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from pocketward.fleet.apple.identity import IdentityRefused, Presented
from pocketward.fleet.events import IdentityRolledOver
from pocketward.fleet.models import Command, Enrollment, EraseIntent
from pocketward.fleet.models.commands import OPEN
from pocketward.kernel import clock
from pocketward.pki import api as pki_api
from pocketward.protocols.apple_mdm import CheckIn, CommandReport
from pocketward.spine.api import last_event_seq, record, unit_of_work

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


def device_that_said_erased(practice_id: UUID, presented: Presented) -> UUID | None:
    """The device whose erase this very management identity has acknowledged, whether it counts or not."""
    identity = pki_api.identity_of(practice_id=practice_id, certificate_der=presented.der)
    if identity is None or identity.purpose != MANAGEMENT:
        return None
    row = _row(practice_id, presented.fingerprint)
    return row.device_id if row is not None and row.may_contradict else None  # type: ignore[attr-defined]


def known_sender(practice_id: UUID, presented: Presented) -> KnownSender:
    """The enrollment this identity is bound to; IdentityRefused when there is none.

    What was found is remembered as long as nothing at all has been recorded in the practice: everything
    that could change the answer (a command, a revocation, a new enrollment) records an event. An idle phone
    then costs one read of the newest event's number, taken before the rows are.
    """
    # On PostgreSQL an earlier number may become visible later, so nothing can be concluded from the newest.
    newest = last_event_seq(practice_id=practice_id) if connection.vendor == "sqlite" else None
    known = _memory.get(practice_id, presented.fingerprint, newest)
    if known is not None:
        return known
    sender, not_after = _look_up(practice_id, presented)
    if newest is not None:
        _memory.keep(sender, newest, not_after)
    return sender


def _look_up(practice_id: UUID, presented: Presented) -> tuple[KnownSender, datetime]:
    identity = pki_api.identity_of(practice_id=practice_id, certificate_der=presented.der)
    if identity is None or identity.purpose != MANAGEMENT:
        raise IdentityRefused("unknown_certificate" if identity is None else "wrong_purpose")
    row = _row(practice_id, presented.fingerprint)
    if row is None and identity.state == VALID and _roll_over(identity):
        row = _row(practice_id, presented.fingerprint)
    if row is None or row.device_id is None:
        raise IdentityRefused("not_enrolled")
    sender = KnownSender(
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
    return sender, identity.not_after


class _Memory:
    """The last answers of `known_sender`, each with the newest event it was true at; bounded."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[UUID, str], tuple[int, datetime, KnownSender]] = OrderedDict()

    def get(self, practice_id: UUID, fingerprint: str, newest: int | None) -> KnownSender | None:
        """What is known, if nothing was recorded since and the certificate has not run out."""
        with self._lock:
            found = self._known.get((practice_id, fingerprint))
        if found is None or found[0] != newest or clock.now() > found[1]:
            return None
        return found[2]

    def keep(self, sender: KnownSender, newest: int, not_after: datetime) -> None:
        """Remember an answer; the oldest goes when there are too many."""
        with self._lock:
            self._known[(sender.practice_id, sender.fingerprint)] = (newest, not_after, sender)
            self._known.move_to_end((sender.practice_id, sender.fingerprint))
            if len(self._known) > self._capacity:
                self._known.popitem(last=False)


_memory = _Memory(8192)


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
