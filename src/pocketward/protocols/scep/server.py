"""The authority's side: opens requests, and answers with a certificate, a refusal or "not yet"."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa

from pocketward.protocols.cms import SignerCertificate
from pocketward.protocols.scep import der
from pocketward.protocols.scep.certificates import degenerate, rsa_key_of
from pocketward.protocols.scep.csr import Csr, read_csr
from pocketward.protocols.scep.envelope import open_envelope, read_envelope, seal
from pocketward.protocols.scep.errors import MessageHeader, ScepError
from pocketward.protocols.scep.messages import header_attributes, read_message, sign_message
from pocketward.protocols.scep.vocabulary import (
    CA_CERT_TYPE,
    CA_RA_CERT_TYPE,
    Encryption,
    FailInfo,
    MessageType,
    Oid,
    PkiStatus,
)

# What a request may ask for; the rest is answered with badRequest.
ENROLLMENTS: Final = frozenset((MessageType.PKCS_REQ, MessageType.RENEWAL_REQ))


@dataclass(frozen=True, kw_only=True)
class RegistrationAuthority:
    """The RSA certificate and key that requests are encrypted for and answers are signed with.

    SCEP envelopes need RSA, so an elliptic authority lets a registration authority speak for it.
    """

    certificate: bytes
    key: rsa.RSAPrivateKey


@dataclass(frozen=True, kw_only=True)
class EnrollmentRequest:
    """An opened request. `legacy` names the old algorithms that were let through, for the record.

    The signature of the message and that of the request inside fit their keys. Whether the signer may ask
    (the challenge, or a certificate of ours for a renewal) is the caller's to judge.
    """

    header: MessageHeader
    signer: SignerCertificate
    csr: Csr
    encryption: Encryption
    digest: str
    legacy: tuple[str, ...] = ()


def read_request(
    data: bytes, authority: RegistrationAuthority, *, allow_legacy: bool = False
) -> EnrollmentRequest:
    """Opens a PKCSReq or RenewalReq; ScepError, answerable when it has a header.

    `allow_legacy` lets single DES and SHA-1 through. 3DES is what RFC 8894 wants accepted and always is.
    """
    message = read_message(data, allow_sha1=allow_legacy)
    try:
        if message.header.message_type not in ENROLLMENTS:
            raise ScepError("This kind of request is not answered here.", fail_info=FailInfo.BAD_REQUEST)
        # The answer must be encrypted for the signer, which takes an RSA key: said before anything is issued.
        rsa_key_of(message.signer.der)
        sealed = read_envelope(message.content)
        if sealed.encryption == "des" and not allow_legacy:
            raise ScepError("The request uses single DES, which is switched off.", fail_info=FailInfo.BAD_ALG)
        csr = read_csr(open_envelope(sealed, authority.certificate, authority.key))
        legacy = _legacy(sealed.encryption, message.signer.digest, csr.digest)
        if not allow_legacy and legacy:
            raise ScepError("The request uses SHA-1, which is switched off.", fail_info=FailInfo.BAD_ALG)
    except ScepError as error:
        raise error.about(message.header) from error
    return EnrollmentRequest(
        header=message.header,
        signer=message.signer,
        csr=csr,
        encryption=sealed.encryption,
        digest=message.signer.digest,
        legacy=legacy,
    )


def _legacy(encryption: str, message_digest: str, request_digest: str) -> tuple[str, ...]:
    found = []
    if encryption == "des":
        found.append("single DES")
    if "sha1" in (message_digest, request_digest):
        found.append("SHA-1")
    return tuple(found)


def success(
    request: EnrollmentRequest,
    certificate: bytes,
    authority: RegistrationAuthority,
    *,
    chain: Sequence[bytes] = (),
) -> bytes:
    """A CertRep with the certificate, encrypted for the request's signer, the way the request was.

    Single DES is answered with 3DES, SHA-1 with SHA-256: every known client reads those, and we write no
    weaker ones. The certificate comes first, `chain` after it. ScepError when the signer's key is not RSA.
    """
    encryption: Encryption = "3des" if request.encryption == "des" else request.encryption
    envelope = seal(degenerate((certificate, *chain)), request.signer.der, encryption)
    return _answer(request.header, authority, PkiStatus.SUCCESS, content=envelope)


def failure(
    header: MessageHeader, fail_info: FailInfo, authority: RegistrationAuthority, *, text: str = ""
) -> bytes:
    """A CertRep that refuses; `text` is a sentence for whoever reads the client's log."""
    attributes = [der.attribute(Oid.FAIL_INFO, der.printable(str(int(fail_info))))]
    if text:
        attributes.append(der.attribute(Oid.FAIL_INFO_TEXT, der.utf8(text)))
    return _answer(header, authority, PkiStatus.FAILURE, extra=attributes)


def pending(header: MessageHeader, authority: RegistrationAuthority) -> bytes:
    """A CertRep that says: somebody must decide first, ask again."""
    return _answer(header, authority, PkiStatus.PENDING)


def _answer(
    header: MessageHeader,
    authority: RegistrationAuthority,
    status: PkiStatus,
    *,
    content: bytes = b"",
    extra: Sequence[bytes] = (),
) -> bytes:
    own = MessageHeader(
        message_type=MessageType.CERT_REP,
        transaction_id=header.transaction_id,
        sender_nonce=secrets.token_bytes(16),
    )
    attributes = [
        *header_attributes(own),
        der.attribute(Oid.RECIPIENT_NONCE, der.octets(header.sender_nonce)),
        der.attribute(Oid.PKI_STATUS, der.printable(str(int(status)))),
        *extra,
    ]
    return sign_message(content, attributes, authority.certificate, authority.key)


def ca_certificates(certificates: Sequence[bytes]) -> tuple[bytes, str]:
    """Body and content type of GetCACert (RFC 8894, section 4.2.1): one certificate plain, several wrapped.

    With a registration authority: its certificate first, then the issuing one, then those above it.
    """
    if len(certificates) == 1:
        return certificates[0], CA_CERT_TYPE
    return degenerate(tuple(certificates)), CA_RA_CERT_TYPE
