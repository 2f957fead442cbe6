"""The worst that a stranger may send within the allowed size is read or refused in a bounded time.

Beside each input stands what it took on a small machine, in seconds; the ceiling is twenty times that, two
at least. Those under `TAKEN` keep to every limit, so they cost all that reading can cost.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import json
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pyrage
import pytest
from allauth.mfa.webauthn.internal import auth as webauthn
from asn1crypto import keys as asn1_keys
from django.conf import settings

from pocketward.access.sign_in.errors import SignInRefused
from pocketward.access.sign_in.passkeys import LARGEST_CREDENTIAL, UNREADABLE, read_credential
from pocketward.cli.archive import MANIFEST, BackupRefused, read_encrypted
from pocketward.fleet.push_certificates import _key_for, _read
from pocketward.kernel.errors import PocketwardError
from pocketward.posture.feed import read_feed
from pocketward.practice.people_csv import read_people
from pocketward.protocols import scep
from pocketward.protocols.apple_mdm import parse_message
from pocketward.protocols.cms import read_attached, verify_detached
from pocketward.protocols.cms.signed_data import DATA, SIGNED_DATA
from pocketward.protocols.scep import der
from pocketward.protocols.scep.csr import read_csr
from pocketward.protocols.scep.envelope import read_envelope
from tests.protocols.scep.parties import issuing, registration

FEED_ROW = '{"version":"1","builds":[],"released":"2026-10-01","models":[],"security":true}'
KEY = pyrage.x25519.Identity.generate()


def plist(inside: bytes) -> bytes:
    """A report with this inside."""
    start = b"<plist><dict><key>UDID</key><string>U</string><key>Status</key><string>Idle</string>"
    return start + inside + b"</dict></plist>"


def under(key: str, inside: bytes) -> bytes:
    return plist(f"<key>{key}</key>".encode() + inside)


def nested_lists(times: int) -> bytes:
    return under("a", b"<array>" + (b"<array>" * 28 + b"</array>" * 28) * times + b"</array>")


def in_pieces(pieces: int) -> bytes:
    """A signed message whose content comes in this many empty pieces, no value with a length of its own."""
    opening = (
        b"\x30\x80" + der.oid(SIGNED_DATA) + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80" + der.oid(DATA)
    )
    return opening + b"\xa0\x80\x24\x80\x24\x80" + b"\x04\x00" * pieces + bytes(14)


def many_certificates() -> bytes:
    """As many as a message may hold."""
    one = issuing()
    return scep.ca_certificates((one,) * (64_000 // len(one)))[0]


def feed(rows: str) -> bytes:
    head = '{"format":1,"published":"2026-11-27","origin":"e","models":["a"],"releases":['
    return f"{head}{rows}]}}".encode()


def manifest(files: str, ledgers: str) -> bytes:
    return f'{{"format":1,"made_at":"","engine":"","world":"","files":{files},"ledgers":{ledgers}}}'.encode()


def read_backup(listed: bytes) -> None:
    """Read a backup with this list of contents and nothing else."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        member = tarfile.TarInfo(MANIFEST)
        member.size = len(listed)
        tar.addfile(member, io.BytesIO(listed))
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "in").mkdir()
        sealed = pyrage.encrypt(gzip.compress(packed.getvalue(), 1), [KEY.to_public()])
        (Path(name) / "file.age").write_bytes(sealed)
        read_encrypted(Path(name) / "file.age", [KEY], Path(name) / "in")


def rsa_key(first: int, second: int) -> bytes:
    """A sound private key of two Mersenne primes with these exponents: the largest primes at hand."""
    p, q, e = 2**first - 1, 2**second - 1, 65_537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = {
        "version": 0, "modulus": p * q, "public_exponent": e, "private_exponent": d, "prime1": p, "prime2": q,
        "exponent1": d % (p - 1), "exponent2": d % (q - 1), "coefficient": pow(q, -1, p),
    }  # fmt: skip
    return as_pem(asn1_keys.RSAPrivateKey(numbers).dump(), "RSA PRIVATE KEY")


def as_pem(data: bytes, label: str) -> bytes:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(data).decode()}-----END {label}-----\n".encode()


def attestation(content: bytes) -> bytes:
    """What a browser posts of a new passkey whose attestation is this."""
    client = json.dumps(
        {"type": "webauthn.create", "challenge": "AA", "origin": settings.POCKETWARD.people_url}
    )
    response = {"clientDataJSON": b64(client.encode()), "attestationObject": b64(content)}
    return json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": response}).encode()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def read_passkey(data: bytes) -> None:
    assert len(data) <= LARGEST_CREDENTIAL
    try:
        webauthn.parse_registration_response(read_credential(data.decode()))
    except UNREADABLE as error:
        raise SignInRefused() from error


def read_key(data: bytes) -> None:
    _key_for(UUID(int=0), "another", data.decode())


def read_request(data: bytes) -> None:
    scep.read_request(data, registration(), allow_legacy=True)


def read_chain(data: bytes) -> None:
    scep.parse_ca_certificates(data, scep.CA_RA_CERT_TYPE)


Case = tuple[Callable[[bytes], Any], Callable[[], bytes], float]
CASES: dict[str, Case] = {
    "plist of many values": (
        parse_message, lambda: under("a", b"<array>" + b"<true/>" * 199_000 + b"</array>"), 0.4
    ),
    "plist of many keys": (
        parse_message, lambda: plist(b"".join(b"<key>%d</key><true/>" % i for i in range(190_000))), 1.2
    ),
    "plist that nests": (parse_message, lambda: nested_lists(3_400), 0.6),
    "plist of unknown elements": (parse_message, lambda: plist(b"<a/>" * 790_000), 0.7),
    "plist of one long text": (
        parse_message, lambda: under("a", b"<string>" + b"&amp;" * 990_000 + b"</string>"), 0.2
    ),
    "plist of one long number": (
        parse_message, lambda: under("a", b"<integer>0x" + b"f" * 4_900_000 + b"</integer>"), 0.1
    ),
    "plist of many errors": (
        parse_message, lambda: under("ErrorChain", b"<array>" + b"<dict/>" * 190_000 + b"</array>"), 0.6
    ),
    "signature in pieces": (lambda data: verify_detached(b"x", data), lambda: in_pieces(32_000), 0.2),
    "signed file in pieces": (read_attached, lambda: in_pieces(2_490_000), 0.1),
    "enrollment request in pieces": (read_request, lambda: in_pieces(32_000), 0.2),
    "many certificates": (read_chain, many_certificates, 0.1),
    "certificate request in pieces": (read_csr, lambda: in_pieces(32_000), 0.2),
    "envelope in pieces": (read_envelope, lambda: in_pieces(32_000), 0.2),
    "people of many columns": (
        read_people, lambda: b"full_name" + b"," * 900_000 + b"\n" + b"a\n" * 2_000, 0.1
    ),
    "people of as many columns as may be": (
        read_people, lambda: b"full_name" + b"," * 99 + b"\n" + b"a,\n" * 2_000, 0.2
    ),
    "people of many rows": (read_people, lambda: b"full_name\n" + b"a\n" * 490_000, 0.1),
    "people of many roles": (
        read_people, lambda: b"full_name,roles\n" + (b"a," + b"owner " * 80 + b"\n") * 2_000, 0.1
    ),
    "feed of many releases": (read_feed, lambda: feed(",".join([FEED_ROW] * 49_000)), 0.9),
    "feed of many models": (
        read_feed, lambda: feed(FEED_ROW.replace("[],\"s", "[" + ",".join(["0"] * 1_900_000) + "],\"s")), 0.3
    ),
    "backup of a list of lists": (
        read_backup, lambda: manifest("{}", '{"a":[' + ",".join(["[]"] * 340_000) + "]}"), 0.3
    ),
    "backup of a list too long": (read_backup, lambda: manifest("{}", "{}") + b" " * (60 << 20), 0.8),
    "push key just small enough": (read_key, lambda: rsa_key(1_279, 2_203), 1.4),
    "push key of large primes": (read_key, lambda: rsa_key(4_423, 9_689), 0.1),
    "push certificate of noise": (
        lambda data: _read(data.decode()), lambda: as_pem(b"\x30\x80" * 8_000, "CERTIFICATE"), 0.1
    ),
    "passkey that nests": (read_passkey, lambda: attestation(b"\x81" * 20_000), 0.1),
    "passkey of many parts": (read_passkey, lambda: attestation(b"\x99\x4e\x20" + b"\x80" * 20_000), 0.1),
}  # fmt: skip


TAKEN = {
    "plist of many values", "plist of many keys", "plist that nests", "plist of unknown elements",
    "plist of one long text", "plist of many errors", "many certificates", "people of many roles",
    "people of as many columns as may be", "feed of many releases", "feed of many models",
    "backup of a list of lists",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_worst_that_may_be_sent_is_read_or_refused_in_time(name: str) -> None:
    read, make, measured = CASES[name]
    data = make()
    began = time.perf_counter()
    with contextlib.nullcontext() if name in TAKEN else pytest.raises(PocketwardError):
        read(data)
    assert time.perf_counter() - began < max(2.0, 20 * measured)


def test_a_long_list_of_contents_is_refused_before_it_is_in_memory() -> None:
    with pytest.raises(BackupRefused, match="larger unpacked"):
        read_backup(manifest("{}", "{}") + b" " * (1 << 20))
