"""Judging device identities, on the path of every message a phone sends."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from django.db.models import Q

from pocketward.kernel import crypto
from pocketward.pki.authorities import issuer_der
from pocketward.pki.issuing import purpose_of
from pocketward.pki.models import ACCESS, HELD, MANAGEMENT, VALID, Certificate
from pocketward.pki.records import COLUMNS, Identity, identity_from

# An authority never changes once made, so its certificate is read once a process.
_issuer = lru_cache(maxsize=1024)(issuer_der)


@lru_cache(maxsize=4096)
def _is_of(certificate_der: bytes, issuer: bytes, purpose: str) -> bool:
    """Whether this authority signed the certificate for this purpose; bytes do not change, so once each."""
    certificate = x509.load_der_x509_certificate(certificate_der)
    try:
        certificate.verify_directly_issued_by(x509.load_der_x509_certificate(issuer))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return purpose_of(certificate) == purpose


def identity_of(*, practice_id: UUID, certificate_der: bytes) -> Identity | None:
    """Judge a presented certificate: None when it is not a device identity that this practice issued.

    Chain and purpose are checked once per certificate; state and dates are read anew each time, in one
    query. The caller must look at `state` and at `purpose`.
    """
    row = (
        Certificate.objects.filter(practice_id=practice_id, fingerprint=crypto.sha256_hex(certificate_der))
        .values_list(*COLUMNS)
        .first()
    )
    if row is None:
        return None
    identity = identity_from(row)
    issuer = _issuer(practice_id, identity.purpose)
    return identity if _is_of(certificate_der, issuer, identity.purpose) else None


def certificates_of(*, device_id: UUID) -> tuple[Identity, ...]:
    """The device's certificates, newest first, as they are judged now."""
    rows = Certificate.objects.filter(device_id=device_id).order_by("-issued_at")
    return tuple(identity_from(row) for row in rows.values_list(*COLUMNS))


def due_for_renewal(*, practice_id: UUID, at: datetime) -> tuple[Identity, ...]:
    """Identities that have lived two thirds of their time and have no newer one, soonest end first.

    Chosen by their dates, never by when a device was last seen. One whose end is past is renewed no more:
    an access identity is offered anew to a phone that came back with none (`devices_with_access`).
    """
    rows = Certificate.objects.filter(
        practice_id=practice_id, state=VALID, purpose__in=(MANAGEMENT, ACCESS), not_after__gt=at
    ).order_by("not_after")
    newest: dict[tuple[UUID | None, str], Identity] = {}
    for row in rows.values_list(*COLUMNS):
        identity = Identity(*row)
        newest[identity.enrollment_id, identity.purpose] = identity
    return tuple(one for one in newest.values() if at >= renewal_time(one))


def devices_with_access(*, practice_id: UUID, at: datetime) -> frozenset[UUID]:
    """The devices that have an access identity which counts at `at`, or one on hold."""
    counts = Q(state=VALID, not_after__gt=at) | Q(state=HELD)
    rows = Certificate.objects.filter(
        counts, practice_id=practice_id, purpose=ACCESS, device_id__isnull=False
    )
    return frozenset(rows.values_list("device_id", flat=True))


def renewal_time(identity: Identity) -> datetime:
    """When two thirds of its life are over."""
    return identity.not_before + (identity.not_after - identity.not_before) * 2 / 3
