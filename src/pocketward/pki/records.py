"""Certificate rows, the facts about them, and the record that leaves this domain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography import x509

from pocketward.kernel import clock, crypto
from pocketward.pki.events import CertificateIssued
from pocketward.pki.issuing import BACKDATE
from pocketward.pki.models import SERVER, VALID, Certificate
from pocketward.spine.api import record


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
    not_before: datetime
    not_after: datetime


# What an Identity is made from; the certificate itself stays in the database.
COLUMNS = (
    "id", "serial_hex", "purpose", "enrollment_id", "device_id", "state", "fingerprint", "not_before",
    "not_after",
)  # fmt: skip


def identity_from(row: tuple[Any, ...]) -> Identity:
    """An Identity from `values_list(*COLUMNS)`, its dates judged by the clock that governs them."""
    found = Identity(*row)
    now = clock.true_now() if found.purpose == SERVER else clock.now()
    if found.state == VALID and not found.not_before <= now <= found.not_after:
        return replace(found, state="expired")
    return found


def about(row: Certificate, by: str, case_ref: str = "") -> dict[str, Any]:
    """The fields that every event about a certificate has."""
    subject = f"certificate:{row.id}"
    if row.device_id or row.enrollment_id:
        subject = f"device:{row.device_id}" if row.device_id else f"enrollment:{row.enrollment_id}"
    return {
        "practice_id": row.practice_id,
        "actor": by,
        "subject": subject,
        "case_ref": case_ref,
        "certificate_id": row.id,
        "purpose": row.purpose,
        "serial_hex": row.serial_hex,
        "fingerprint": row.fingerprint,
        "enrollment_id": row.enrollment_id,
        "device_id": row.device_id,
    }


def keep_certificate(
    practice_id: UUID,
    purpose: str,
    der: bytes,
    *,
    enrollment_id: UUID | None = None,
    device_id: UUID | None = None,
    renewed: bool = False,
    issued_at: datetime | None = None,
) -> None:
    """Write a new certificate's row and its CertificateIssued, in the open unit of work.

    `issued_at`: when its life began on the product's clock, if that is later than its first valid moment.
    """
    certificate = x509.load_der_x509_certificate(der)
    begins = certificate.not_valid_before_utc
    row = Certificate.objects.create(
        practice_id=practice_id,
        serial_hex=f"{certificate.serial_number:x}",
        fingerprint=crypto.sha256_hex(der),
        purpose=purpose,
        enrollment_id=enrollment_id,
        device_id=device_id,
        der=der,
        not_before=max(begins, issued_at - BACKDATE) if issued_at is not None else begins,
        not_after=certificate.not_valid_after_utc,
    )
    record(CertificateIssued(**about(row, "system:pki"), not_after=row.not_after, renewed=renewed))
