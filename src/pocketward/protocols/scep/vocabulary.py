"""The words of SCEP (RFC 8894): message types, statuses, reasons, attribute names, content types, limits."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, Literal

MAX_MESSAGE_BYTES: Final = 65_536
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192

CAPS_TYPE: Final = "text/plain"
CA_CERT_TYPE: Final = "application/x-x509-ca-cert"
CA_RA_CERT_TYPE: Final = "application/x-x509-ca-ra-cert"
MESSAGE_TYPE_HEADER: Final = "application/x-pki-message"

# The body of GetCACaps (RFC 8894, section 3.5.2). SHA-384 is not a keyword of the RFC, but strongSwan 5.9.8
# compares the list against it and refuses an authority that does not say it.
CAPABILITIES: Final = b"AES\nPOSTPKIOperation\nRenewal\nSCEPStandard\nSHA-256\nSHA-384\nSHA-512\n"

Encryption = Literal["aes256", "aes192", "aes128", "3des", "des"]
Digest = Literal["sha256", "sha384", "sha512", "sha1"]


class MessageType(IntEnum):
    """What a message is (RFC 8894, section 3.2.1.2)."""

    CERT_REP = 3
    RENEWAL_REQ = 17
    UPDATE_REQ = 18
    PKCS_REQ = 19
    CERT_POLL = 20
    GET_CERT = 21
    GET_CRL = 22


class PkiStatus(IntEnum):
    """How a request ended (section 3.2.1.3)."""

    SUCCESS = 0
    FAILURE = 2
    PENDING = 3


class FailInfo(IntEnum):
    """Why a request failed (section 3.2.1.4)."""

    BAD_ALG = 0
    BAD_MESSAGE_CHECK = 1
    BAD_REQUEST = 2
    BAD_TIME = 3
    BAD_CERT_ID = 4


class Oid:
    """Contents of the object identifiers we write and look for."""

    MESSAGE_TYPE = bytes.fromhex("6086480186f845010902")
    PKI_STATUS = bytes.fromhex("6086480186f845010903")
    FAIL_INFO = bytes.fromhex("6086480186f845010904")
    SENDER_NONCE = bytes.fromhex("6086480186f845010905")
    RECIPIENT_NONCE = bytes.fromhex("6086480186f845010906")
    TRANSACTION_ID = bytes.fromhex("6086480186f845010907")
    FAIL_INFO_TEXT = bytes.fromhex("2b06010505071801")
    ENVELOPED_DATA = bytes.fromhex("2a864886f70d010703")
    CHALLENGE_PASSWORD = bytes.fromhex("2a864886f70d010907")
    EXTENSION_REQUEST = bytes.fromhex("2a864886f70d01090e")
    RSA = bytes.fromhex("2a864886f70d010101")
