"""Each practice's authorities: made once, their keys encrypted at rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from pocketward.kernel import clock, crypto
from pocketward.pki import issuing
from pocketward.pki.errors import NoAuthority
from pocketward.pki.events import AuthorityMade, LegacyAlgorithmsAllowed
from pocketward.pki.models import ACCESS, Authority
from pocketward.pki.records import keep_certificate
from pocketward.practice import api as practice_api
from pocketward.protocols.cms import sign_attached
from pocketward.spine.api import record, unit_of_work

PEM = serialization.Encoding.PEM
# Our listeners are told apart from identities by this name; no practice's name travels in a TLS hello.
ORGANIZATION = "Pocketward"


def authority_of(practice_id: UUID) -> Authority:
    """The practice's authority; NoAuthority."""
    row: Authority | None = Authority.objects.filter(practice_id=practice_id).first()
    if row is None:
        raise NoAuthority()
    return row


def _certificates(practice_id: UUID, *names: str) -> tuple[bytes, ...]:
    """Public parts only: no key is decrypted for them."""
    row = Authority.objects.filter(practice_id=practice_id).values_list(*names).first()
    if row is None:
        raise NoAuthority()
    return tuple(bytes(der) for der in row)


def signer_for(row: Authority, purpose: str) -> issuing.Signer:
    """Who signs certificates of this purpose."""
    if purpose == ACCESS:
        return issuing.load_signer(bytes(row.access_der), row.access_key)
    return issuing.load_signer(bytes(row.issuing_der), row.issuing_key)


def issuer_der(practice_id: UUID, purpose: str) -> bytes:
    """The certificate that identities of this purpose are signed with; NoAuthority."""
    return _certificates(practice_id, "access_der" if purpose == ACCESS else "issuing_der")[0]


def has_authority(*, practice_id: UUID) -> bool:
    """Whether the practice has its authorities."""
    return bool(Authority.objects.filter(practice_id=practice_id).exists())


def ensure_authority(*, practice_id: UUID) -> None:
    """Give the practice its authorities, if it has none. Safe to repeat."""
    if has_authority(practice_id=practice_id):
        return
    practice = practice_api.get_practice(practice_id=practice_id)
    # Made before the transaction: an RSA key takes long enough to keep every other writer waiting.
    keys = issuing.make_authority(organization=practice.name, start=min(clock.now(), clock.true_now()))
    _keep_authority(practice_id, keys)


@unit_of_work
def _keep_authority(practice_id: UUID, keys: issuing.AuthorityKeys) -> None:
    _, is_new = Authority.objects.get_or_create(practice_id=practice_id, defaults=asdict(keys))
    if is_new:
        record(
            AuthorityMade(
                practice_id=practice_id,
                actor="system:pki",
                subject="authority",
                root_fingerprint=crypto.sha256_hex(keys.root_der),
                access_fingerprint=crypto.sha256_hex(keys.access_der),
            )
        )


def authority_chain(*, practice_id: UUID) -> tuple[bytes, ...]:
    """Issuing certificate, then root (DER): behind our listeners and management identities."""
    return _certificates(practice_id, "issuing_der", "root_der")


def trust_anchors(*, practice_id: UUID) -> tuple[str, ...]:
    """What gates, proxies, Wi-Fi and VPN trust (PEM): the root that issues access identities only."""
    (der,) = _certificates(practice_id, "access_der")
    return (x509.load_der_x509_certificate(der).public_bytes(PEM).decode(),)


def authority_pem_bundle(*, practice_id: UUID) -> str:
    """Issuing certificate and root in PEM: what verifies our own listeners."""
    chain = authority_chain(practice_id=practice_id)
    return "".join(x509.load_der_x509_certificate(der).public_bytes(PEM).decode() for der in chain)


@unit_of_work
def allow_legacy(*, practice_id: UUID, allowed: bool, by: str) -> None:
    """Accept, or no longer accept, single DES and SHA-1 from old SCEP clients of this practice."""
    rows = Authority.objects.filter(practice_id=practice_id, legacy_allowed=not allowed)
    if rows.update(legacy_allowed=allowed):
        record(
            LegacyAlgorithmsAllowed(practice_id=practice_id, actor=by, subject="authority", allowed=allowed)
        )


def legacy_is_allowed(*, practice_id: UUID) -> bool:
    """Whether old SCEP clients of this practice may use single DES and SHA-1."""
    return bool(Authority.objects.filter(practice_id=practice_id, legacy_allowed=True).exists())


@unit_of_work
def issue_server_certificate(*, practice_id: UUID, hosts: Sequence[str]) -> tuple[bytes, bytes]:
    """A certificate for our own listener, on the true clock: (PEM chain, PEM key)."""
    row = authority_of(practice_id)
    der, key = issuing.issue_server(
        hosts=hosts,
        organization=ORGANIZATION,
        signer=signer_for(row, "server"),
        start=clock.true_now(),
    )
    keep_certificate(practice_id, "server", der)
    chain = [x509.load_der_x509_certificate(item).public_bytes(PEM) for item in (der, bytes(row.issuing_der))]
    private = serialization.load_der_private_key(key, None).private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return b"".join(chain), private


def sign_profile(*, practice_id: UUID, content: bytes) -> bytes:
    """Configuration profile bytes signed with the registration key (CMS, DER), up to the root."""
    row = authority_of(practice_id)
    key = issuing.load_rsa(row.registration_key)
    chain = (bytes(row.issuing_der), bytes(row.root_der))
    return sign_attached(content, bytes(row.registration_der), key, chain)
