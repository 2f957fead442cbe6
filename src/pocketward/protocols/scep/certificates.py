"""The parts of a certificate that messages name signers and recipients by, read as the bytes they are.

Clients sign with certificates they made themselves; a strict parser refuses some of those for reasons that do
not matter here, so only the needed parts are walked to.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from pocketward.protocols.cms import ber
from pocketward.protocols.cms.signed_data import DATA, SIGNED_DATA
from pocketward.protocols.scep import der
from pocketward.protocols.scep.errors import ScepError, refusing
from pocketward.protocols.scep.vocabulary import MAX_RSA_BITS, MIN_RSA_BITS, FailInfo

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
SUBJECT_KEY_ID = bytes.fromhex("551d0e")
CURVES = frozenset(("secp256r1", "secp384r1", "secp521r1"))
BASIC_CONSTRAINTS = bytes.fromhex("551d13")


class CertificateParts(NamedTuple):
    """Raw DER of the names and the key; raw content of the serial number."""

    serial: bytes
    issuer: bytes
    subject: bytes
    spki: bytes
    key_id: bytes | None
    is_authority: bool


def read_parts(certificate: bytes) -> CertificateParts:
    """Walks to the parts (RFC 5280, section 4.1); ScepError when this is not a certificate."""
    with refusing("A certificate in this message cannot be read."):
        tbs = ber.expect(ber.children(ber.read_whole(certificate, ber.SEQUENCE)), ber.SEQUENCE)
        parts = ber.children(tbs)
        first = next(parts, None)
        serial = ber.expect(parts, ber.INTEGER) if first is not None and first.tag == ber.CONTEXT_0 else first
        if serial is None or serial.tag != ber.INTEGER:
            raise ScepError("A certificate in this message has no serial number.")
        ber.expect(parts, ber.SEQUENCE)
        issuer = ber.expect(parts, ber.SEQUENCE)
        ber.expect(parts, ber.SEQUENCE)
        subject = ber.expect(parts, ber.SEQUENCE)
        spki = ber.expect(parts, ber.SEQUENCE)
        extensions = _extensions(list(parts))
        key_id = extensions.get(SUBJECT_KEY_ID)
        return CertificateParts(
            serial=serial.content,
            issuer=issuer.whole,
            subject=subject.whole,
            spki=spki.whole,
            key_id=ber.octets(ber.read_whole(key_id, ber.OCTET_STRING)) if key_id else None,
            is_authority=extensions.get(BASIC_CONSTRAINTS, b"")[2:5] == b"\x01\x01\xff",
        )


def _extensions(rest: list[ber.Node]) -> dict[bytes, bytes]:
    """Object identifier -> content, of what follows the key."""
    found: dict[bytes, bytes] = {}
    for group in (node for node in rest if node.tag == 0xA3):
        for extension in ber.children(ber.expect(ber.children(group), ber.SEQUENCE)):
            parts = list(ber.children(extension))
            if len(parts) >= 2:
                found[parts[0].content] = ber.octets(parts[-1])
    return found


def load_key(spki: bytes) -> PublicKey:
    """The public key: RSA of 2048 to 8192 bits, or a NIST curve; ScepError (badAlg) otherwise."""
    with refusing("A key in this message cannot be read.", FailInfo.BAD_ALG):
        key = load_der_public_key(spki)
    if isinstance(key, rsa.RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES:
        return key
    raise ScepError(
        "The key must be RSA with 2048 bits or more, or P-256, P-384 or P-521.", fail_info=FailInfo.BAD_ALG
    )


def rsa_key_of(certificate: bytes) -> rsa.RSAPublicKey:
    """The RSA key that an envelope can be made for; ScepError (badAlg) when it is another kind."""
    key = load_key(read_parts(certificate).spki)
    if not isinstance(key, rsa.RSAPublicKey):
        raise ScepError("The envelope needs a certificate with an RSA key.", fail_info=FailInfo.BAD_ALG)
    return key


def issuer_and_serial(certificate: bytes) -> bytes:
    """DER of IssuerAndSerialNumber for this certificate."""
    parts = read_parts(certificate)
    return der.sequence(parts.issuer, der.tlv(ber.INTEGER, parts.serial))


def degenerate(certificates: tuple[bytes, ...]) -> bytes:
    """A SignedData without content or signers, which only carries certificates (RFC 8894, section 3.4)."""
    signed = der.sequence(
        der.integer(1),
        der.set_of(),
        der.sequence(der.oid(DATA)),
        der.tlv(ber.CONTEXT_0, *certificates),
        der.set_of(),
    )
    return der.sequence(der.oid(SIGNED_DATA), der.tlv(ber.CONTEXT_0, signed))


def read_degenerate(data: bytes) -> tuple[bytes, ...]:
    """The certificates inside such a message, in order; ScepError when it is something else."""
    with refusing("The certificates in this answer cannot be read."):
        outer = ber.children(ber.read_whole(data, ber.SEQUENCE))
        ber.expect(outer, ber.OID)
        signed = ber.children(ber.expect(ber.children(ber.expect(outer, ber.CONTEXT_0)), ber.SEQUENCE))
        ber.expect(signed, ber.INTEGER)
        ber.expect(signed, ber.SET)
        ber.expect(signed, ber.SEQUENCE)
        group = ber.expect(signed, ber.CONTEXT_0)
        return tuple(child.whole for child in ber.children(group) if child.tag == ber.SEQUENCE)
