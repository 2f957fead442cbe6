"""Holding, lifting, revoking, and the list that tells relying parties."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography import x509
from django.db.models import QuerySet

from pocketward.kernel import clock
from pocketward.pki import issuing
from pocketward.pki.authorities import signer_for
from pocketward.pki.errors import NoAuthority
from pocketward.pki.events import CertificateHeld, CertificateHoldLifted, CertificateRevoked
from pocketward.pki.models import (
    ACCESS,
    HELD,
    REVOKED,
    VALID,
    AccessHold,
    Authority,
    Certificate,
    Challenge,
)
from pocketward.pki.records import about
from pocketward.spine.api import current_practice_id, record, unit_of_work

CRL_LIFE = timedelta(hours=24)
# A list without changes is handed out again for this long, so that asking for it costs nothing.
CRL_FRESH = timedelta(hours=1)
_REASONS = {
    "superseded": x509.ReasonFlags.superseded,
    "key_compromise": x509.ReasonFlags.key_compromise,
    "cessation": x509.ReasonFlags.cessation_of_operation,
}


@unit_of_work
def hold_access(*, device_id: UUID, by: str, case_ref: str = "", cause: str = "") -> tuple[str, ...]:
    """Hold the device's access identities under this case, or for another cause; the serials on hold now.

    While any hold stands, no access identity is issued to the device either. Safe to repeat.
    """
    AccessHold.objects.get_or_create(
        practice_id=current_practice_id(),
        device_id=device_id,
        held_for=case_ref or cause,
        lifted_at=None,
        defaults={"placed_by": by},
    )
    rows = Certificate.objects.filter(device_id=device_id, purpose=ACCESS, not_after__gt=clock.now())
    for row in _change(rows, (VALID,), state=HELD, held_at=clock.now()):
        record(CertificateHeld(**about(row, by, case_ref)))
    return tuple(rows.filter(state=HELD).order_by("issued_at").values_list("serial_hex", flat=True))


@unit_of_work
def lift_access_hold(*, device_id: UUID, by: str, case_ref: str = "", cause: str = "") -> tuple[str, ...]:
    """Lift this case's or cause's hold; the serials that count again (none while another holds the device).

    A hold that does not stand lifts nothing.
    """
    holds = AccessHold.objects.filter(device_id=device_id, lifted_at=None)
    if not holds.filter(held_for=case_ref or cause).update(lifted_at=clock.now()) or holds.exists():
        return ()
    lifted = []
    rows = Certificate.objects.filter(device_id=device_id, purpose=ACCESS)
    for row in _change(rows, (HELD,), state=VALID, held_at=None):
        record(CertificateHoldLifted(**about(row, by, case_ref)))
        lifted.append(row.serial_hex)
    return tuple(lifted)


@unit_of_work
def revoke_device(
    *, device_id: UUID, purposes: tuple[str, ...] = (ACCESS,), reason: str, by: str, case_ref: str = ""
) -> tuple[str, ...]:
    """Revoke the device's certificates of these purposes for good, and their open challenges; serials.

    Revoking the management identity means that the phone can no longer be locked or erased.
    """
    Challenge.objects.filter(device_id=device_id, purpose__in=purposes, spent_at=None).update(
        spent_at=clock.now()
    )
    rows = Certificate.objects.filter(device_id=device_id, purpose__in=purposes)
    return _revoke(rows, reason, by, case_ref)


@unit_of_work
def revoke_enrollment(
    *, enrollment_id: UUID, purposes: tuple[str, ...], reason: str, by: str, case_ref: str = ""
) -> tuple[str, ...]:
    """Revoke the certificates and open challenges of one (ended or replaced) enrollment; their serials."""
    Challenge.objects.filter(enrollment_id=enrollment_id, purpose__in=purposes, spent_at=None).update(
        spent_at=clock.now()
    )
    rows = Certificate.objects.filter(enrollment_id=enrollment_id, purpose__in=purposes)
    return _revoke(rows, reason, by, case_ref)


def _revoke(rows: QuerySet[Certificate], reason: str, by: str, case_ref: str) -> tuple[str, ...]:
    revoked = []
    for row in _change(rows, (VALID, HELD), state=REVOKED, revoked_at=clock.now(), reason=reason[:40]):
        record(CertificateRevoked(**about(row, by, case_ref), reason=reason))
        revoked.append(row.serial_hex)
    return tuple(revoked)


def _change(rows: QuerySet[Certificate], from_states: Iterable[str], **changes: Any) -> list[Certificate]:
    """Give the rows in these states others, once, and mark the list stale; the rows that changed."""
    changed = [
        row
        for row in rows.filter(state__in=from_states).defer("der").order_by("issued_at")
        if Certificate.objects.filter(pk=row.pk, state=row.state).update(**changes)
    ]
    if changed:
        Authority.objects.filter(practice_id=changed[0].practice_id).update(crl_stale=True)
    return changed


def crl(*, practice_id: UUID) -> bytes:
    """The revocation list of the practice's access identities (DER). A lifted hold is simply not on it.

    Made anew after each change, and hourly; valid for a day. NoAuthority.
    """
    row = (
        Authority.objects.filter(practice_id=practice_id)
        .values_list("crl_der", "crl_made_at", "crl_stale")
        .first()
    )
    if row is None:
        raise NoAuthority()
    kept, made_at, is_stale = row
    if kept is not None and made_at is not None and not is_stale:
        age = clock.true_now() - made_at
        if timedelta(0) <= age < CRL_FRESH:
            return bytes(kept)
    return _make_crl(practice_id)


@unit_of_work
def _make_crl(practice_id: UUID) -> bytes:
    # Locked first: a change that is under way either is on this list or marks it stale afterwards.
    row = Authority.objects.select_for_update().get(practice_id=practice_id)
    number, made_at = row.crl_number + 1, clock.true_now()
    der = issuing.make_crl(
        signer=signer_for(row, ACCESS),
        number=number,
        # Relying parties live on the true clock, and some of them behind it.
        at=made_at - timedelta(minutes=1),
        entries=_entries(practice_id),
        life=CRL_LIFE,
    )
    Authority.objects.filter(pk=row.pk).update(
        crl_number=number, crl_der=der, crl_made_at=made_at, crl_stale=False
    )
    return der


def _entries(practice_id: UUID) -> list[tuple[int, datetime, x509.ReasonFlags]]:
    # Whichever clock a relying party has, an ended certificate stays listed for a while.
    since = min(clock.now(), clock.true_now()) - CRL_LIFE
    rows = Certificate.objects.filter(
        practice_id=practice_id, purpose=ACCESS, state__in=(HELD, REVOKED), not_after__gt=since
    ).order_by("issued_at")
    columns = rows.values_list("serial_hex", "state", "reason", "held_at", "revoked_at")
    return [
        (
            int(serial, 16),
            revoked_at or held_at or since,
            x509.ReasonFlags.certificate_hold
            if state == HELD
            else _REASONS.get(reason, x509.ReasonFlags.unspecified),
        )
        for serial, state, reason, held_at, revoked_at in columns
    ]
