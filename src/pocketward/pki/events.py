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
    access_fingerprint: str


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
    """Somebody asked for a certificate and may not have it (a security event).

    `reason` is one word: missing, unknown, used, expired, wrong_purpose, not_ours, held, revoked,
    on_hold, old_algorithm, unusable_key. `unrecorded` counts refusals before this one that came too fast
    to be recorded one by one.
    """

    kind = "pki.challenge_refused"
    purpose: str
    reason: str
    enrollment_id: UUID | None = None
    unrecorded: int = 0


@dataclass(frozen=True, kw_only=True)
class LegacyAlgorithmUsed(Event):
    """A device got a certificate by algorithms that are allowed here only by choice."""

    kind = "pki.legacy_algorithm_used"
    purpose: str
    algorithms: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LegacyAlgorithmsAllowed(Event):
    """Old algorithms were allowed for this practice, or no longer are."""

    kind = "pki.legacy_algorithms_allowed"
    allowed: bool
