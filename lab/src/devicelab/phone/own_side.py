"""What is the holder's own on a phone, for the fault that tells it although nobody asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from devicelab.phone.state import PhoneState

Payload = dict[str, Any]


def told_unasked(state: PhoneState, request_type: str, answer: Payload) -> Payload:
    """The answer, and beside it what of the holder's own side its question was not about."""
    words = state.faults.tells_unasked
    if not words:
        return answer
    told = {key: value.copy() for key, value in answer.items()}
    if request_type == "DeviceInformation":
        told["QueryResponses"] |= {"DeviceName": words[-1], "PhoneNumber": words[-1]}
    elif request_type == "InstalledApplicationList":
        told[request_type] += [{"Identifier": word, "Name": word, "Version": "1.0"} for word in words]
    elif request_type == "ManagedApplicationList":
        told[request_type] |= {word: {"Status": "UserInstalledApp"} for word in words}
    elif request_type == "ProfileList":
        told[request_type] += [_profile(word) for word in words]
    elif request_type == "CertificateList":
        told[request_type] += [
            {"CommonName": word, "Data": _certificate(word), "IsIdentity": bool(number % 2)}
            for number, word in enumerate(words)
        ]
    return told


def _profile(word: str) -> Payload:
    return {
        "PayloadIdentifier": word,
        "PayloadUUID": word,
        "PayloadDisplayName": word,
        "PayloadVersion": 1,
        "HasRemovalPasscode": False,
        "IsEncrypted": False,
        "IsManaged": False,
        "PayloadContent": [],
    }


@lru_cache(maxsize=200)
def _certificate(word: str) -> bytes:
    """A certificate (DER) of somebody else's making, which names the word."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, word[:64])])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)
