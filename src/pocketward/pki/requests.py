"""Who gets a certificate: one-time challenges, and renewals by the identity that is to be followed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from pocketward.kernel import clock, crypto
from pocketward.kernel.ids import secret_token
from pocketward.pki import issuing
from pocketward.pki.authorities import ORGANIZATION, authority_of, signer_for
from pocketward.pki.errors import ChallengeRejected, DeviceOnHold, RenewalRejected
from pocketward.pki.events import CertificateBound
from pocketward.pki.identities import identity_of
from pocketward.pki.models import ACCESS, VALID, AccessHold, Certificate, Challenge
from pocketward.pki.records import about, keep_certificate
from pocketward.spine.api import record, unit_of_work


@unit_of_work
def issue_challenge(
    *, practice_id: UUID, enrollment_id: UUID, purpose: str, device_id: UUID | None = None, minutes: int = 60
) -> str:
    """A one-time challenge for one certificate of this purpose; only its digest is kept."""
    secret = secret_token(16)
    Challenge.objects.create(
        practice_id=practice_id,
        digest=crypto.sha256_hex(secret.encode()),
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
    """Spend the challenge for a certificate on this public key; DER. ChallengeRejected, DeviceOnHold.

    A challenge that meets a hold is not spent: it works once the hold is lifted, if it has not run out.
    """
    digest = crypto.sha256_hex(challenge.encode())
    row = Challenge.objects.filter(practice_id=practice_id, digest=digest).first()
    if row is None:
        raise ChallengeRejected("unknown")
    if row.purpose != purpose:
        raise ChallengeRejected("wrong_purpose", enrollment_id=row.enrollment_id)
    if row.spent_at is None and row.expires_at <= clock.now():
        raise ChallengeRejected("expired", enrollment_id=row.enrollment_id)
    # The database decides which of two at once is the first.
    if not Challenge.objects.filter(pk=row.pk, spent_at=None).update(spent_at=clock.now()):
        raise ChallengeRejected("used", enrollment_id=row.enrollment_id)
    return _issue(practice_id, purpose, spki, crl_url, row.enrollment_id, row.device_id, renewed=False)


@unit_of_work
def issue_renewal(*, practice_id: UUID, current: bytes, purpose: str, spki: bytes, crl_url: str) -> bytes:
    """A new certificate for the holder of a valid one of the same purpose; RenewalRejected, DeviceOnHold."""
    identity = identity_of(practice_id=practice_id, certificate_der=current)
    if identity is None:
        raise RenewalRejected("not_ours")
    if identity.purpose != purpose:
        raise RenewalRejected("wrong_purpose", enrollment_id=identity.enrollment_id)
    if identity.state != VALID:
        raise RenewalRejected(identity.state, enrollment_id=identity.enrollment_id)
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
    if purpose == ACCESS and AccessHold.objects.filter(device_id=device_id, lifted_at=None).exists():
        raise DeviceOnHold("on_hold", enrollment_id=enrollment_id)
    der = issuing.issue_identity(
        purpose=purpose,
        organization=ORGANIZATION,
        # No person's name in a certificate: it travels in clear over many networks.
        common_name=str(enrollment_id),
        spki=spki,
        signer=signer_for(authority_of(practice_id), purpose),
        crl_url=crl_url if purpose == ACCESS else "",
        uri=f"urn:uuid:{enrollment_id}",
        start=clock.now(),
        # Proxies live on the machine's clock: in a demo that has moved ahead they must still take it.
        valid_from=clock.true_now(),
    )
    keep_certificate(
        practice_id, purpose, der, enrollment_id=enrollment_id, device_id=device_id, renewed=renewed,
        issued_at=clock.now(),
    )  # fmt: skip
    return der


@unit_of_work
def bind_device(*, enrollment_id: UUID, device_id: UUID) -> None:
    """The device behind an enrollment is known: its certificates and open challenges name it from now on."""
    Challenge.objects.filter(enrollment_id=enrollment_id, device_id=None).update(device_id=device_id)
    for row in Certificate.objects.filter(enrollment_id=enrollment_id, device_id=None):
        Certificate.objects.filter(pk=row.pk).update(device_id=device_id)
        row.device_id = device_id
        record(CertificateBound(**about(row, "system:pki")))
