"""Makes signed messages: what the lab's phones send, and the configuration profiles we hand out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from pocketward.protocols.cms.errors import CmsError

Digest = Literal["sha256", "sha384", "sha512", "sha1"]
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Certificate = x509.Certificate | bytes

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
    "sha1": hashes.SHA1(),  # noqa: S303 - the lab plays old clients with it
}


def sign_detached(
    body: bytes,
    certificate: Certificate,
    key: PrivateKey,
    chain: Sequence[Certificate] = (),
    *,
    digest: Digest = "sha256",
    signing_time: datetime | None = None,
) -> bytes:
    """DER of a detached SignedData over `body`; the signer's certificate and `chain` travel along."""
    return _sign(body, None, certificate, key, chain, digest, signing_time)


def sign_attached(
    content: bytes,
    certificate: Certificate,
    key: PrivateKey,
    chain: Sequence[Certificate] = (),
    *,
    digest: Digest = "sha256",
    signing_time: datetime | None = None,
) -> bytes:
    """DER of a SignedData that carries `content`: how a configuration profile is signed."""
    return _sign(content, content, certificate, key, chain, digest, signing_time)


def mdm_signature(
    body: bytes, certificate: Certificate, key: PrivateKey, chain: Sequence[Certificate] = ()
) -> str:
    """The value of the header Mdm-Signature for a request with this body."""
    return base64.b64encode(sign_detached(body, certificate, key, chain)).decode("ascii")


def _sign(
    body: bytes,
    embedded: bytes | None,
    certificate: Certificate,
    key: PrivateKey,
    chain: Sequence[Certificate],
    digest: Digest,
    signing_time: datetime | None,
) -> bytes:
    own = _load(certificate)
    attributes = _signed_attributes(hashlib.new(digest, body).digest(), signing_time)
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {"issuer_and_serial_number": {"issuer": own.issuer, "serial_number": own.serial_number}}
            ),
            "digest_algorithm": {"algorithm": digest},
            "signed_attrs": attributes,
            "signature_algorithm": _signature_algorithm(key, digest),
            "signature": _signature(key, digest, attributes.dump()),
        }
    )
    content: dict[str, object] = {"content_type": "data"}
    if embedded is not None:
        content["content"] = embedded
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": digest}],
            "encap_content_info": content,
            "certificates": [own, *(_load(item) for item in chain)],
            "signer_infos": [signer],
        }
    )
    der: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return der


def _signed_attributes(message_digest: bytes, signing_time: datetime | None) -> cms.CMSAttributes:
    attributes: list[dict[str, object]] = [
        {"type": "content_type", "values": ["data"]},
        {"type": "message_digest", "values": [message_digest]},
    ]
    if signing_time is not None:
        attributes.append(
            {"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(signing_time)})]}
        )
    return cms.CMSAttributes(attributes)


def _load(certificate: Certificate) -> asn1_x509.Certificate:
    der = certificate if isinstance(certificate, bytes) else certificate.public_bytes(Encoding.DER)
    try:
        return asn1_x509.Certificate.load(der, strict=True)
    except (ValueError, TypeError) as error:
        raise CmsError("The signer's certificate cannot be read.") from error


def _signature_algorithm(key: PrivateKey, digest: str) -> algos.SignedDigestAlgorithm:
    if isinstance(key, rsa.RSAPrivateKey):
        return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15", "parameters": core.Null()})
    return algos.SignedDigestAlgorithm({"algorithm": f"{digest}_ecdsa"})


def _signature(key: PrivateKey, digest: str, data: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), _HASHES[digest])
    return key.sign(data, ec.ECDSA(_HASHES[digest]))
