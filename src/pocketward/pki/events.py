"""Facts about certificates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pocketward.spine.api import Event


@dataclass(frozen=True, kw_only=True)
class AuthorityMade(Event):
    """A practice got its own certificate authority."""

    kind = "pki.authority_made"
    root_fingerprint: str


@dataclass(frozen=True, kw_only=True)
class _AboutCertificate(Event):
    certificate_id: UUID
    purpose: str
    serial_hex: str
    fingerprint: str
    enrollment_id: UUID | None
    device_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class CertificateIssued(_AboutCertificate):
    """A certificate was issued."""

    kind = "pki.certificate_issued"
    not_after: datetime
    renewed: bool


@dataclass(frozen=True, kw_only=True)
class CertificateBound(_AboutCertificate):
    """The device behind a certificate became known."""

    kind = "pki.certificate_bound"


@dataclass(frozen=True, kw_only=True)
class CertificateHeld(_AboutCertificate):
    """A certificate is on hold: on the next revocation list, with the reason that can be lifted."""

    kind = "pki.certificate_held"


@dataclass(frozen=True, kw_only=True)
class CertificateHoldLifted(_AboutCertificate):
    """A hold is gone: the certificate leaves the next revocation list."""

    kind = "pki.certificate_hold_lifted"


@dataclass(frozen=True, kw_only=True)
class CertificateRevoked(_AboutCertificate):
    """A certificate is revoked for good."""

    kind = "pki.certificate_revoked"
    reason: str


@dataclass(frozen=True, kw_only=True)
class ChallengeRefused(Event):
    """Somebody asked for a certificate without a valid challenge (a security event)."""

    kind = "pki.challenge_refused"
    purpose: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class LegacyAlgorithmUsed(Event):
    """A device used algorithms that are allowed here only by choice."""

    kind = "pki.legacy_algorithm_used"
    algorithms: tuple[str, ...]
