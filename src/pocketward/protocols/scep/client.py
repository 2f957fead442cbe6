"""The device's side: what a phone (or the lab's idea of one) asks with, and how it reads the answers."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pocketward.protocols.scep.certificates import read_degenerate, read_parts
from pocketward.protocols.scep.csr import build_csr, name_of
from pocketward.protocols.scep.envelope import open_envelope, read_envelope, seal
from pocketward.protocols.scep.errors import MessageHeader, ScepError, refusing
from pocketward.protocols.scep.messages import (
    DIGESTS,
    PkiMessage,
    header_attributes,
    read_message,
    sign_message,
)
from pocketward.protocols.scep.vocabulary import (
    CA_CERT_TYPE,
    CA_RA_CERT_TYPE,
    MAX_MESSAGE_BYTES,
    Digest,
    Encryption,
    FailInfo,
    MessageType,
    PkiStatus,
)

Operation = Literal["GetCACaps", "GetCACert", "PKIOperation"]


@dataclass(frozen=True, kw_only=True)
class OldHabits:
    """What clients seen in the field still do: weak algorithms, ciphertext in pieces, attributes unsorted."""

    single_des: bool = False
    sha1: bool = False
    constructed: bool = False
    unsorted_attributes: bool = False


@dataclass(frozen=True, kw_only=True)
class CaCertificates:
    """What GetCACert said: everything, the authority itself, and the certificate to encrypt for."""

    certificates: tuple[bytes, ...]
    authority: bytes
    recipient: bytes


@dataclass(frozen=True, kw_only=True)
class ClientTransaction:
    """A request under way: the bytes to send, and what reading the answer takes."""

    request: bytes
    header: MessageHeader
    key: rsa.RSAPrivateKey
    signer: bytes
    signer_key: rsa.RSAPrivateKey
    authority: CaCertificates

    @property
    def transaction_id(self) -> str:
        """The name of this transaction, the same in request and answer."""
        return self.header.transaction_id


@dataclass(frozen=True, kw_only=True)
class EnrollmentAnswer:
    """What the authority answered; `certificate` fits the key that was asked for, on success."""

    status: PkiStatus
    fail_info: FailInfo | None = None
    fail_text: str = ""
    certificate: bytes | None = None
    certificates: tuple[bytes, ...] = ()


def operation_url(base: str, operation: Operation, message: bytes | None = None) -> str:
    """The URL of an operation; with a message, the form that sends it by GET (RFC 8894, section 4.1)."""
    query: dict[str, str] = {"operation": operation}
    if message is not None:
        query["message"] = base64.b64encode(message).decode()
    return f"{base}?{urlencode(query)}"


def parse_capabilities(body: bytes) -> frozenset[str]:
    """The keywords of GetCACaps, in lower case."""
    return frozenset(line.strip().lower() for line in body.decode("ascii", "replace").splitlines() if line)


def parse_ca_certificates(body: bytes, content_type: str) -> CaCertificates:
    """Reads GetCACert by its content type; ScepError when no certificate in it can be encrypted for."""
    kind = content_type.partition(";")[0].strip().lower()
    if len(body) > MAX_MESSAGE_BYTES or kind not in (CA_CERT_TYPE, CA_RA_CERT_TYPE):
        raise ScepError("This is not the authority's certificate.")
    certificates = read_degenerate(body) if kind == CA_RA_CERT_TYPE else (body,)
    parts = [(read_parts(item), item) for item in certificates]
    above = {part.issuer for part, _ in parts if part.is_authority and part.issuer != part.subject}
    authorities = [item for part, item in parts if part.is_authority and part.subject not in above]
    recipients = [item for part, item in parts if not part.is_authority] or authorities
    if not authorities or not recipients:
        raise ScepError("The authority sent no certificate that can be used.")
    return CaCertificates(certificates=certificates, authority=authorities[0], recipient=recipients[0])


def begin_enrollment(
    *,
    key: rsa.RSAPrivateKey,
    subject: Sequence[tuple[str, str]],
    challenge: str,
    authority: CaCertificates,
    now: datetime,
    uri_names: Sequence[str] = (),
    encryption: Encryption = "aes256",
    digest: Digest = "sha256",
    habits: OldHabits | None = None,
) -> ClientTransaction:
    """A first request (PKCSReq), signed with a certificate that the client makes for itself at `now`."""
    name = name_of(subject)
    own = _self_signed(key, name, now)
    return _begin(
        kind=MessageType.PKCS_REQ, key=key, subject=name.public_bytes(), challenge=challenge, signer=own,
        signer_key=key, authority=authority, uri_names=uri_names, encryption=encryption, digest=digest,
        habits=habits or OldHabits(),
    )  # fmt: skip


def begin_renewal(
    *,
    key: rsa.RSAPrivateKey,
    certificate: bytes,
    certificate_key: rsa.RSAPrivateKey,
    authority: CaCertificates,
    challenge: str | None = None,
    uri_names: Sequence[str] = (),
    encryption: Encryption = "aes256",
    digest: Digest = "sha256",
    habits: OldHabits | None = None,
) -> ClientTransaction:
    """A renewal (RenewalReq) for a new key, signed with the current certificate."""
    return _begin(
        kind=MessageType.RENEWAL_REQ, key=key, subject=read_parts(certificate).subject, challenge=challenge,
        signer=certificate, signer_key=certificate_key, authority=authority, uri_names=uri_names,
        encryption=encryption, digest=digest, habits=habits or OldHabits(),
    )  # fmt: skip


def _begin(
    *,
    kind: MessageType,
    key: rsa.RSAPrivateKey,
    subject: bytes,
    challenge: str | None,
    signer: bytes,
    signer_key: rsa.RSAPrivateKey,
    authority: CaCertificates,
    uri_names: Sequence[str],
    encryption: Encryption,
    digest: Digest,
    habits: OldHabits,
) -> ClientTransaction:
    digest = "sha1" if habits.sha1 else digest
    encryption = "des" if habits.single_des else encryption
    csr = build_csr(
        key, subject, challenge,
        uri_names=uri_names, digest=DIGESTS[digest][1], unsorted_attributes=habits.unsorted_attributes,
    )  # fmt: skip
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    header = MessageHeader(
        message_type=kind,
        transaction_id=hashlib.sha256(spki).hexdigest(),
        sender_nonce=secrets.token_bytes(16),
    )
    envelope = seal(csr, authority.recipient, encryption, constructed=habits.constructed)
    request = sign_message(envelope, header_attributes(header), signer, signer_key, digest=digest)
    return ClientTransaction(
        request=request, header=header, key=key, signer=signer, signer_key=signer_key, authority=authority
    )


def _self_signed(key: rsa.RSAPrivateKey, name: x509.Name, now: datetime) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=2))
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def read_answer(transaction: ClientTransaction, body: bytes) -> EnrollmentAnswer:
    """Reads a CertRep: signed by the authority, for this transaction, with a certificate for our key.

    ScepError when anything of that is not so.
    """
    message = read_message(body)
    _check_answer(transaction, message)
    if message.status is not PkiStatus.SUCCESS:
        return EnrollmentAnswer(
            status=message.status or PkiStatus.FAILURE,
            fail_info=message.fail_info,
            fail_text=message.fail_text,
        )
    opened = open_envelope(read_envelope(message.content), transaction.signer, transaction.signer_key)
    certificates = read_degenerate(opened)
    spki = transaction.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with refusing("The certificate in the answer cannot be read."):
        mine = [item for item in certificates if read_parts(item).spki == spki]
    if not mine:
        raise ScepError("The answer holds no certificate for our key.")
    return EnrollmentAnswer(status=PkiStatus.SUCCESS, certificate=mine[0], certificates=certificates)


def _check_answer(transaction: ClientTransaction, message: PkiMessage) -> None:
    header = message.header
    if header.message_type is not MessageType.CERT_REP or message.status is None:
        raise ScepError("This is not an answer to a certificate request.")
    if message.signer.der not in transaction.authority.certificates:
        raise ScepError("The answer is not signed by the authority.")
    wanted = (transaction.transaction_id, transaction.header.sender_nonce)
    if (header.transaction_id, message.recipient_nonce) != wanted:
        raise ScepError("The answer belongs to another request.")
