"""EnvelopedData (RFC 5652, section 6): content encrypted for the holder of an RSA key."""

from __future__ import annotations

import secrets
from typing import Final, NamedTuple

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.padding import PKCS7

from pocketward.protocols.cms import ber
from pocketward.protocols.cms.signed_data import DATA
from pocketward.protocols.scep import der
from pocketward.protocols.scep.certificates import issuer_and_serial, read_parts, rsa_key_of
from pocketward.protocols.scep.errors import ScepError, refusing
from pocketward.protocols.scep.vocabulary import Encryption, FailInfo, Oid


class _Method(NamedTuple):
    oid: bytes
    key_bytes: int
    block_bytes: int


METHODS: Final[dict[Encryption, _Method]] = {
    "aes256": _Method(bytes.fromhex("60864801650304012a"), 32, 16),
    "aes192": _Method(bytes.fromhex("608648016503040116"), 24, 16),
    "aes128": _Method(bytes.fromhex("608648016503040102"), 16, 16),
    "3des": _Method(bytes.fromhex("2a864886f70d0307"), 24, 8),
    "des": _Method(bytes.fromhex("2b0e030207"), 8, 8),
}
_BY_OID: Final[dict[bytes, Encryption]] = {method.oid: name for name, method in METHODS.items()}
CANNOT_OPEN: Final = "The request was not encrypted for us, or was altered on the way."
MAX_RECIPIENTS: Final = 8


class SealedContent(NamedTuple):
    """An envelope taken apart: for whom, how, and the ciphertext."""

    recipients: tuple[tuple[bytes, bytes], ...]
    encryption: Encryption
    vector: bytes
    ciphertext: bytes


def _cipher(encryption: Encryption, key: bytes, vector: bytes) -> Cipher[modes.CBC]:
    algorithm: CipherAlgorithm
    if encryption == "des":
        # Three times the same key makes 3DES do what single DES does.
        algorithm = TripleDES(key * 3)
    else:
        algorithm = TripleDES(key) if encryption == "3des" else AES(key)
    return Cipher(algorithm, modes.CBC(vector))


def seal(content: bytes, certificate: bytes, encryption: Encryption, *, constructed: bool = False) -> bytes:
    """DER of an EnvelopedData for the holder of this RSA certificate.

    `constructed` sends the ciphertext in pieces, as some old clients do; only the lab's phones use it.
    """
    method = METHODS[encryption]
    key, vector = secrets.token_bytes(method.key_bytes), secrets.token_bytes(method.block_bytes)
    padder = PKCS7(method.block_bytes * 8).padder()
    encryptor = _cipher(encryption, key, vector).encryptor()
    ciphertext = encryptor.update(padder.update(content) + padder.finalize()) + encryptor.finalize()
    recipient = der.sequence(
        der.integer(0),
        issuer_and_serial(certificate),
        der.algorithm(Oid.RSA, der.NULL),
        der.octets(rsa_key_of(certificate).encrypt(key, padding.PKCS1v15())),
    )
    sealed = der.sequence(
        der.oid(DATA),
        der.algorithm(method.oid, der.octets(vector)),
        _in_pieces(ciphertext) if constructed else der.tlv(ber.CONTEXT_0_PRIMITIVE, ciphertext),
    )
    enveloped = der.sequence(der.integer(0), der.set_of(recipient), sealed)
    return der.sequence(der.oid(Oid.ENVELOPED_DATA), der.tlv(ber.CONTEXT_0, enveloped))


def _in_pieces(ciphertext: bytes) -> bytes:
    half = len(ciphertext) // 2
    return der.tlv(ber.CONTEXT_0, der.octets(ciphertext[:half]), der.octets(ciphertext[half:]))


def read_envelope(data: bytes) -> SealedContent:
    """Takes an EnvelopedData apart, also one whose ciphertext comes in pieces; ScepError."""
    with refusing("The encrypted part of the request cannot be read."):
        outer = ber.children(ber.read_whole(data, ber.SEQUENCE))
        if ber.expect(outer, ber.OID).content != Oid.ENVELOPED_DATA:
            raise ScepError("The request carries something else than an encrypted part.")
        parts = ber.children(ber.expect(ber.children(ber.expect(outer, ber.CONTEXT_0)), ber.SEQUENCE))
        ber.expect(parts, ber.INTEGER)
        group = next(parts, None)
        if group is not None and group.tag == ber.CONTEXT_0:
            group = next(parts, None)
        if group is None or group.tag != ber.SET:
            raise ScepError("The encrypted part names no recipient.")
        recipients = tuple(_recipient(node) for node in ber.children(group) if node.tag == ber.SEQUENCE)
        if len(recipients) > MAX_RECIPIENTS:
            raise ScepError("The encrypted part names too many recipients.")
        return _sealed(ber.expect(parts, ber.SEQUENCE), recipients)


def _sealed(node: ber.Node, recipients: tuple[tuple[bytes, bytes], ...]) -> SealedContent:
    parts = ber.children(node)
    ber.expect(parts, ber.OID)
    method = ber.children(ber.expect(parts, ber.SEQUENCE))
    encryption = _BY_OID.get(ber.expect(method, ber.OID).content)
    if encryption is None:
        raise ScepError("The request is encrypted in a way we do not accept.", fail_info=FailInfo.BAD_ALG)
    vector = ber.octets(ber.expect(method, ber.OCTET_STRING))
    if len(vector) != METHODS[encryption].block_bytes:
        raise ScepError("The encrypted part of the request cannot be read.")
    return SealedContent(recipients, encryption, vector, _ciphertext(next(parts, None)))


def _ciphertext(node: ber.Node | None) -> bytes:
    if node is not None and node.tag == ber.CONTEXT_0_PRIMITIVE:
        return node.content
    if node is not None and node.tag == ber.CONTEXT_0:
        return b"".join(ber.octets(piece) for piece in ber.children(node))
    raise ScepError("The encrypted part of the request is missing.")


def _recipient(node: ber.Node) -> tuple[bytes, bytes]:
    """How one recipient is named (serial number or key id) and the key encrypted for it."""
    parts = ber.children(node)
    ber.expect(parts, ber.INTEGER)
    name = next(parts, None)
    if name is not None and name.tag == ber.SEQUENCE:
        inner = ber.children(name)
        ber.expect(inner, ber.SEQUENCE)
        label = ber.expect(inner, ber.INTEGER).content
    elif name is not None and name.tag == ber.CONTEXT_0_PRIMITIVE:
        label = name.content
    else:
        raise ScepError("The encrypted part names its recipient in an unknown way.")
    kind = ber.expect(ber.children(ber.expect(parts, ber.SEQUENCE)), ber.OID).content
    if kind != Oid.RSA:
        raise ScepError("The request is encrypted in a way we do not accept.", fail_info=FailInfo.BAD_ALG)
    return label, ber.octets(ber.expect(parts, ber.OCTET_STRING))


def open_envelope(sealed: SealedContent, certificate: bytes, key: rsa.RSAPrivateKey) -> bytes:
    """The content; ScepError, always with the same words, when it does not open.

    A wrong key and wrong padding are not told apart, and a key of the wrong length is replaced by a random
    one, so that the answer teaches nothing about the RSA padding (RFC 3218).
    """
    parts = read_parts(certificate)
    wanted = (parts.serial, parts.key_id)
    encrypted = next((blob for label, blob in sealed.recipients if label in wanted), None)
    if encrypted is None:
        raise ScepError(CANNOT_OPEN)
    method = METHODS[sealed.encryption]
    with refusing(CANNOT_OPEN):
        content_key = _content_key(key, encrypted, method.key_bytes)
        decryptor = _cipher(sealed.encryption, content_key, sealed.vector).decryptor()
        padded = decryptor.update(sealed.ciphertext) + decryptor.finalize()
        unpadder = PKCS7(method.block_bytes * 8).unpadder()
        return unpadder.update(padded) + unpadder.finalize()


def _content_key(key: rsa.RSAPrivateKey, encrypted: bytes, size: int) -> bytes:
    spare = secrets.token_bytes(size)
    try:
        opened = key.decrypt(encrypted, padding.PKCS1v15())
    except ValueError:
        return spare
    return opened if len(opened) == size else spare
