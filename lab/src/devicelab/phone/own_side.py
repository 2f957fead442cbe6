"""What is the holder's own on a phone, for the fault that tells it although nobody asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from devicelab.phone.state import PhoneState

Payload = dict[str, Any]

# What iOS says of an app that its holder had before management wanted it.
OWN_APP: Final = {
    "Status": "UserInstalledApp",
    "ManagementFlags": 0,
    "UnusedRedemptionCode": "",
    "HasConfiguration": False,
    "HasFeedback": False,
    "IsValidated": False,
    "ExternalVersionIdentifier": 1,
}


def told_unasked(state: PhoneState, request_type: str, answer: Payload) -> Payload:
    """The answer, and beside it what of the holder's own side its question was not about."""
    words = state.faults.tells_unasked
    if not words:
        return answer
    if request_type == "DeviceInformation":
        known = answer["QueryResponses"]
        return {"QueryResponses": known | {"DeviceName": words[-1], "PhoneNumber": words[-1]}}
    if request_type == "ManagedApplicationList":
        return {request_type: answer[request_type] | {word: dict(OWN_APP) for word in words}}
    make = MAKERS.get(request_type)
    return {request_type: [*answer[request_type], *map(make, words)]} if make is not None else answer


def _app(word: str) -> Payload:
    return {"Identifier": word, "Name": word, "Version": "1.0"}


def _listed_certificate(word: str) -> Payload:
    # Half of them are identities, as a person's own mail or network would have one.
    return {"CommonName": word, "Data": _certificate(word), "IsIdentity": len(word) % 2 == 0}


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


MAKERS: Final[dict[str, Callable[[str], Payload]]] = {
    "InstalledApplicationList": _app,
    "ProfileList": _profile,
    "CertificateList": _listed_certificate,
}
