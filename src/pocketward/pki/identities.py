"""Device identities: challenges, issuing, judging, holding, revoking."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from pocketward.kernel import clock, crypto
from pocketward.kernel.ids import secret_token
from pocketward.pki import issuing
from pocketward.pki.authorities import authority_of
from pocketward.pki.errors import ChallengeRejected, RenewalRejected
from pocketward.pki.events import (
    CertificateBound,
    CertificateHeld,
    CertificateHoldLifted,
    CertificateIssued,
    CertificateRevoked,
)
from pocketward.pki.models import ACCESS, HELD, MANAGEMENT, REVOKED, VALID, Certificate, Challenge
from pocketward.spine.api import record, unit_of_work


@dataclass(frozen=True)
class Identity:
    """A certificate of ours as it is judged now; `state` is valid, held, revoked or expired."""

    certificate_id: UUID
    serial_hex: str
    purpose: str
    enrollment_id: UUID | None
    device_id: UUID | None
    state: str
    fingerprint: str
    not_after: datetime


@unit_of_work
def issue_challenge(
    *, practice_id: UUID, enrollment_id: UUID, purpose: str, device_id: UUID | None = None, minutes: int = 60
) -> str:
    """A one-time challenge for one certificate of this purpose; only its digest is kept."""
    secret = secret_token(16)
    Challenge.objects.create(
        practice_id=practice_id,
        digest=hashlib.sha256(secret.encode()).hexdigest(),
        purpose=purpose,
        enrollment_id=enrollment_id,
        device_id=device_id,
        expires_at=clock.now() + timedelta(minutes=minutes),
    )
    return secret


@unit_of_work
def issue_for_challenge(
    *, practice_id: UUID, challenge: str, purpose: str, spki: bytes, crl_url: str
) -> bytes:
    """Spend the challenge for a certificate on this public key; DER. ChallengeRejected otherwise."""
    rows = Challenge.objects.filter(
        practice_id=practice_id,
        digest=hashlib.sha256(challenge.encode()).hexdigest(),
        purpose=purpose,
        spent_at=None,
        expires_at__gt=clock.now(),
    )
    row = rows.first()
    if row is None or not rows.update(spent_at=clock.now()):
        raise ChallengeRejected()
    return _issue(practice_id, purpose, spki, crl_url, row.enrollment_id, row.device_id, renewed=False)


@unit_of_work
def issue_renewal(*, practice_id: UUID, current: bytes, purpose: str, spki: bytes, crl_url: str) -> bytes:
    """A new certificate for the holder of a valid one of the same purpose; RenewalRejected otherwise."""
    identity = identity_of(practice_id=practice_id, certificate_der=current)
    if identity is None or identity.state != VALID or identity.purpose != purpose:
        raise RenewalRejected()
    return _issue(
        practice_id, purpose, spki, crl_url, identity.enrollment_id, identity.device_id, renewed=True
    )


def _issue(
    practice_id: UUID,
    purpose: str,
    spki: bytes,
    crl_url: str,
    enrollment_id: UUID | None,
    device_id: UUID | None,
    *,
    renewed: bool,
) -> bytes:
    authority = authority_of(practice_id)
    der = issuing.issue_identity(
        purpose=purpose,
        organization="Pocketward",
        # No person's name in a certificate: it travels in clear over many networks.
        common_name=f"{purpose} {str(enrollment_id)[:18]}",
        spki=spki,
        issuing_der=bytes(authority.issuing_der),
        issuing_key=authority.issuing_key,
        crl_url=crl_url,
        start=clock.now(),
    )
    certificate = x509.load_der_x509_certificate(der)
    row = Certificate.objects.create(
        practice_id=practice_id,
        serial_hex=f"{certificate.serial_number:x}",
        fingerprint=crypto.sha256_hex(der),
        purpose=purpose,
        enrollment_id=enrollment_id,
        device_id=device_id,
        der=der,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )
    record(CertificateIssued(**_about(row, "system:pki"), not_after=row.not_after, renewed=renewed))
    return der


def _about(row: Certificate, by: str, case_ref: str = "") -> dict[str, Any]:
    return {
        "practice_id": row.practice_id,
        "actor": by,
        "subject": f"device:{row.device_id}" if row.device_id else f"enrollment:{row.enrollment_id}",
        "case_ref": case_ref,
        "certificate_id": row.id,
        "purpose": row.purpose,
        "serial_hex": row.serial_hex,
        "fingerprint": row.fingerprint,
        "enrollment_id": row.enrollment_id,
        "device_id": row.device_id,
    }


@lru_cache(maxsize=4096)
def _signed_by(certificate_der: bytes, issuing_der: bytes) -> bool:
    """Whether the issuing authority signed this certificate; cached, since bytes do not change."""
    issuer = x509.load_der_x509_certificate(issuing_der)
    try:
        x509.load_der_x509_certificate(certificate_der).verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def identity_of(*, practice_id: UUID, certificate_der: bytes) -> Identity | None:
    """Judge a presented certificate: None when it is not one that this practice issued.

    The signature is checked once per certificate; state and dates are read anew each time.
    """
    row = Certificate.objects.filter(
        practice_id=practice_id, fingerprint=crypto.sha256_hex(certificate_der)
    ).first()
    if row is None or not _signed_by(certificate_der, _issuing_der(practice_id)):
        return None
    state = row.state
    if state == VALID and not row.not_before <= clock.now() <= row.not_after:
        state = "expired"
    return Identity(
        row.id, row.serial_hex, row.purpose, row.enrollment_id, row.device_id, state, row.fingerprint,
        row.not_after,
    )  # fmt: skip


_issuing: dict[UUID, bytes] = {}


def _issuing_der(practice_id: UUID) -> bytes:
    if practice_id not in _issuing:
        _issuing[practice_id] = bytes(authority_of(practice_id).issuing_der)
    return _issuing[practice_id]


@unit_of_work
def bind_device(*, enrollment_id: UUID, device_id: UUID) -> None:
    """The device behind an enrollment is known: its certificates name it from now on."""
    for row in Certificate.objects.filter(enrollment_id=enrollment_id, device_id=None):
        Certificate.objects.filter(pk=row.pk).update(device_id=device_id)
        row.device_id = device_id
        record(CertificateBound(**_about(row, "system:pki")))


def _set_state(row: Certificate, state: str, **changes: Any) -> bool:
    allowed = {HELD: (VALID,), VALID: (HELD,), REVOKED: (VALID, HELD)}[state]
    rows = Certificate.objects.filter(pk=row.pk, state__in=allowed)
    return bool(rows.update(state=state, **changes))


@unit_of_work
def hold_access(*, device_id: UUID, by: str, case_ref: str = "") -> tuple[str, ...]:
    """Put the device's access certificates on hold; their serials."""
    held = []
    for row in Certificate.objects.filter(device_id=device_id, purpose=ACCESS, state=VALID):
        if _set_state(row, HELD, held_at=clock.now(), case_ref=case_ref):
            record(CertificateHeld(**_about(row, by, case_ref)))
            held.append(row.serial_hex)
    return tuple(held)


@unit_of_work
def lift_access_hold(*, device_id: UUID, by: str, case_ref: str = "") -> tuple[str, ...]:
    """Lift the holds of this case from the device's access certificates; their serials."""
    lifted = []
    rows = Certificate.objects.filter(device_id=device_id, purpose=ACCESS, state=HELD, case_ref=case_ref)
    for row in rows:
        if _set_state(row, VALID, held_at=None, case_ref=""):
            record(CertificateHoldLifted(**_about(row, by, case_ref)))
            lifted.append(row.serial_hex)
    return tuple(lifted)


@unit_of_work
def revoke_device(
    *, device_id: UUID, purposes: tuple[str, ...] = (ACCESS,), reason: str, by: str, case_ref: str = ""
) -> tuple[str, ...]:
    """Revoke the device's certificates of these purposes for good; their serials.

    Revoking the management identity means that the phone can no longer be locked or erased.
    """
    revoked = []
    rows = Certificate.objects.filter(device_id=device_id, purpose__in=purposes, state__in=(VALID, HELD))
    for row in rows:
        if _set_state(row, REVOKED, revoked_at=clock.now(), reason=reason):
            record(CertificateRevoked(**_about(row, by, case_ref), reason=reason))
            revoked.append(row.serial_hex)
    return tuple(revoked)


@unit_of_work
def revoke_enrollment(*, enrollment_id: UUID, purposes: tuple[str, ...], reason: str, by: str) -> None:
    """Revoke the certificates of one (ended or replaced) enrollment."""
    rows = Certificate.objects.filter(
        enrollment_id=enrollment_id, purpose__in=purposes, state__in=(VALID, HELD)
    )
    for row in rows:
        if _set_state(row, REVOKED, revoked_at=clock.now(), reason=reason):
            record(CertificateRevoked(**_about(row, by), reason=reason))


def certificates_of(*, device_id: UUID) -> tuple[Identity, ...]:
    """The device's certificates, newest first."""
    rows = Certificate.objects.filter(device_id=device_id).order_by("-issued_at")
    return tuple(
        Identity(
            row.id, row.serial_hex, row.purpose, row.enrollment_id, row.device_id, row.state, row.fingerprint,
            row.not_after,
        )
        for row in rows
    )  # fmt: skip


def due_for_renewal(*, practice_id: UUID, at: datetime) -> tuple[Identity, ...]:
    """Valid identities that have lived two thirds of their time, oldest first."""
    rows = Certificate.objects.filter(practice_id=practice_id, state=VALID, not_after__gt=at)
    due = []
    for row in rows.filter(purpose__in=(MANAGEMENT, ACCESS)).order_by("not_after"):
        newer = Certificate.objects.filter(
            enrollment_id=row.enrollment_id, purpose=row.purpose, not_after__gt=row.not_after
        )
        if at >= row.not_before + (row.not_after - row.not_before) * 2 / 3 and not newer.exists():
            due.append(
                Identity(
                    row.id, row.serial_hex, row.purpose, row.enrollment_id, row.device_id, row.state,
                    row.fingerprint, row.not_after,
                )
            )  # fmt: skip
    return tuple(due)
