"""Certificate requests (PKCS #10, RFC 2986): read leniently, checked over the bytes as they came.

Some clients do not sort the attributes as DER demands, and strict parsers refuse those requests; nothing here
depends on the order. Extensions asked for are not read: the authority decides what a certificate says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from pocketward.protocols.cms import ber
from pocketward.protocols.scep import der
from pocketward.protocols.scep.certificates import PublicKey, load_key
from pocketward.protocols.scep.errors import ScepError, refusing
from pocketward.protocols.scep.vocabulary import FailInfo, Oid

MAX_CHALLENGE: Final = 256
_ENCODINGS: Final = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
# Signature algorithm of the request -> key family, digest.
_SIGNATURES: Final[dict[bytes, tuple[str, hashes.HashAlgorithm]]] = {
    bytes.fromhex("2a864886f70d010105"): ("rsa", hashes.SHA1()),  # noqa: S303 - only behind a switch
    bytes.fromhex("2a864886f70d01010b"): ("rsa", hashes.SHA256()),
    bytes.fromhex("2a864886f70d01010c"): ("rsa", hashes.SHA384()),
    bytes.fromhex("2a864886f70d01010d"): ("rsa", hashes.SHA512()),
    bytes.fromhex("2a8648ce3d040302"): ("ec", hashes.SHA256()),
    bytes.fromhex("2a8648ce3d040303"): ("ec", hashes.SHA384()),
    bytes.fromhex("2a8648ce3d040304"): ("ec", hashes.SHA512()),
}
RSA_OIDS: Final = {algorithm.name: oid for oid, (family, algorithm) in _SIGNATURES.items() if family == "rsa"}


@dataclass(frozen=True, kw_only=True)
class Csr:
    """A request whose signature fits its key: the name asked for, the key, the challenge password."""

    der: bytes
    subject: bytes
    public_key: PublicKey
    spki: bytes
    challenge: str | None
    digest: str


def read_csr(data: bytes) -> Csr:
    """Reads and verifies a request; ScepError (badRequest, or badAlg for refused keys and digests)."""
    with refusing("The certificate request cannot be read.", FailInfo.BAD_REQUEST):
        outer = ber.children(ber.read_whole(data, ber.SEQUENCE))
        info = ber.expect(outer, ber.SEQUENCE)
        method = ber.expect(ber.children(ber.expect(outer, ber.SEQUENCE)), ber.OID).content
        signature = ber.expect(outer, der.BIT_STRING).content[1:]
        parts = ber.children(info)
        ber.expect(parts, ber.INTEGER)
        subject = ber.expect(parts, ber.SEQUENCE).whole
        spki = ber.expect(parts, ber.SEQUENCE).whole
        challenge = _challenge(next(parts, None))
    key = load_key(spki)
    digest = _check(key, method, signature, info.whole)
    return Csr(der=data, subject=subject, public_key=key, spki=spki, challenge=challenge, digest=digest)


def _check(key: PublicKey, method: bytes, signature: bytes, info: bytes) -> str:
    family, digest = _SIGNATURES.get(method, (None, None))
    if digest is None:
        raise ScepError("The request is signed in a way we do not accept.", fail_info=FailInfo.BAD_ALG)
    with refusing("The request's signature does not fit its key.", FailInfo.BAD_REQUEST):
        if isinstance(key, rsa.RSAPublicKey) and family == "rsa":
            key.verify(signature, info, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and family == "ec":
            key.verify(signature, info, ec.ECDSA(digest))
        else:
            raise ScepError("The request's signature does not fit its key.", fail_info=FailInfo.BAD_REQUEST)
    return digest.name


def _challenge(attributes: ber.Node | None) -> str | None:
    """The challenge password, from whichever kind of text the client chose."""
    if attributes is None or attributes.tag != ber.CONTEXT_0:
        return None
    for node in ber.children(attributes):
        parts = ber.children(node)
        if ber.expect(parts, ber.OID).content != Oid.CHALLENGE_PASSWORD:
            continue
        value = next(ber.children(ber.expect(parts, ber.SET)), None)
        if value is None or value.tag not in _ENCODINGS:
            raise ScepError("The challenge password cannot be read.", fail_info=FailInfo.BAD_REQUEST)
        if len(value.content) > MAX_CHALLENGE:
            raise ScepError("The challenge password is too long.", fail_info=FailInfo.BAD_REQUEST)
        return value.content.decode(_ENCODINGS[value.tag])
    return None


_NAMES: Final = {
    "CN": NameOID.COMMON_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
}


def name_of(parts: Sequence[tuple[str, str]]) -> x509.Name:
    """A distinguished name from pairs such as ("O", "Clinic"), ("CN", "phone")."""
    try:
        return x509.Name([x509.NameAttribute(_NAMES[kind], text) for kind, text in parts])
    except (KeyError, ValueError) as error:
        raise ScepError("This name cannot stand in a certificate.") from error


def build_csr(
    key: rsa.RSAPrivateKey,
    subject: bytes,
    challenge: str | None,
    *,
    uri_names: Sequence[str] = (),
    digest: hashes.HashAlgorithm,
    unsorted_attributes: bool = False,
) -> bytes:
    """DER of a request; `subject` is the DER of a name. Unsorted attributes only to play an old client."""
    attributes = []
    if challenge is not None:
        attributes.append(der.attribute(Oid.CHALLENGE_PASSWORD, der.utf8(challenge)))
    if uri_names or unsorted_attributes:
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri) for uri in uri_names])
        extension = der.sequence(der.oid(bytes.fromhex("551d11")), der.octets(names.public_bytes()))
        attributes.append(der.attribute(Oid.EXTENSION_REQUEST, der.sequence(extension)))
    attributes.sort(reverse=unsorted_attributes)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    info = der.sequence(der.integer(0), subject, spki, der.tlv(ber.CONTEXT_0, *attributes))
    signature = key.sign(info, padding.PKCS1v15(), digest)
    return der.sequence(info, der.algorithm(RSA_OIDS[digest.name], der.NULL), der.bit_string(signature))
