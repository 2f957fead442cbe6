"""Each practice's authority: made once, its keys encrypted at rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from pocketward.kernel import clock, crypto
from pocketward.pki import issuing
from pocketward.pki.errors import NoAuthority
from pocketward.pki.events import AuthorityMade
from pocketward.pki.models import HELD, REVOKED, Authority, Certificate
from pocketward.practice import api as practice_api
from pocketward.spine.api import record, unit_of_work

CRL_LIFE = timedelta(hours=24)


def authority_of(practice_id: UUID) -> Authority:
    """The practice's authority; NoAuthority."""
    row: Authority | None = Authority.objects.filter(practice_id=practice_id).first()
    if row is None:
        raise NoAuthority()
    return row


@unit_of_work
def ensure_authority(*, practice_id: UUID) -> None:
    """Give the practice its authority, if it has none."""
    if Authority.objects.filter(practice_id=practice_id).exists():
        return
    practice = practice_api.get_practice(practice_id=practice_id)
    keys = issuing.make_authority(organization=practice.name, start=min(clock.now(), clock.true_now()))
    Authority.objects.create(practice_id=practice_id, **keys.__dict__)
    record(
        AuthorityMade(
            practice_id=practice_id,
            actor="system:pki",
            subject="authority",
            root_fingerprint=crypto.sha256_hex(keys.root_der),
        )
    )


def authority_chain(*, practice_id: UUID) -> tuple[bytes, ...]:
    """Issuing certificate, then root; DER."""
    row = authority_of(practice_id)
    return bytes(row.issuing_der), bytes(row.root_der)


def trust_anchors(*, practice_id: UUID) -> tuple[str, ...]:
    """Issuing and root certificate in PEM: what gates and proxies trust."""
    pem = serialization.Encoding.PEM
    return tuple(
        x509.load_der_x509_certificate(der).public_bytes(pem).decode()
        for der in authority_chain(practice_id=practice_id)
    )


@unit_of_work
def allow_legacy(*, practice_id: UUID, allowed: bool) -> None:
    """Accept, or no longer accept, single DES and SHA-1 from old SCEP clients of this practice."""
    Authority.objects.filter(practice_id=practice_id).update(legacy_allowed=allowed)


def issue_server_certificate(*, practice_id: UUID, hosts: Sequence[str]) -> tuple[bytes, bytes]:
    """A certificate for our own listener, on the true clock: (PEM chain, PEM key)."""
    row = authority_of(practice_id)
    der, key = issuing.issue_server(
        hosts=hosts,
        organization="Pocketward",
        issuing_der=bytes(row.issuing_der),
        issuing_key=row.issuing_key,
        start=clock.true_now(),
    )
    pem = serialization.Encoding.PEM
    chain = [x509.load_der_x509_certificate(item).public_bytes(pem) for item in (der, bytes(row.issuing_der))]
    private = serialization.load_der_private_key(key, None).private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return b"".join(chain), private


def sign_profile(*, practice_id: UUID, content: bytes) -> bytes:
    """Configuration profile bytes signed by the practice's issuing authority (CMS, DER)."""
    from pocketward.protocols.cms import sign_attached

    row = authority_of(practice_id)
    key = issuing.load_rsa(row.registration_key)
    chain = (bytes(row.issuing_der), bytes(row.root_der))
    return sign_attached(content, bytes(row.registration_der), key, chain)


@unit_of_work
def crl(*, practice_id: UUID) -> bytes:
    """The practice's revocation list, fresh (DER). A lifted hold is simply not on it."""
    row = authority_of(practice_id)
    number = row.crl_number + 1
    Authority.objects.filter(pk=row.pk).update(crl_number=number)
    now = clock.now()
    listed = Certificate.objects.filter(state__in=(HELD, REVOKED), not_after__gt=now).order_by("issued_at")
    entries = [
        (
            int(item.serial_hex, 16),
            item.revoked_at or item.held_at or now,
            x509.ReasonFlags.certificate_hold if item.state == HELD else _reason(item.reason),
        )
        for item in listed
    ]
    # Relying parties live on the true clock; a demo's moved clock must not make the list look unborn.
    return issuing.make_crl(
        issuing_der=bytes(row.issuing_der),
        issuing_key=row.issuing_key,
        number=number,
        at=min(now, clock.true_now()) - timedelta(minutes=1),
        entries=entries,
        life=CRL_LIFE,
    )


def _reason(text: str) -> x509.ReasonFlags:
    reasons = {
        "superseded": x509.ReasonFlags.superseded,
        "key_compromise": x509.ReasonFlags.key_compromise,
        "cessation": x509.ReasonFlags.cessation_of_operation,
    }
    return reasons.get(text, x509.ReasonFlags.unspecified)
