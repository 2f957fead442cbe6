"""An idle Apple connect, whole, against the bare cost of verifying one CMS signature.

The peer is what any server must at least do to know who speaks: read the SignedData and its certificate with
general libraries (asn1crypto, cryptography) and check the RSA signature. Once the phone signs its message
itself, once a trusted proxy names its certificate. CPU time of this process; rounds of the three take turns,
and each round's ratio is its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

LIMIT = 2.0
RUNS, CONNECTS = 9, 150
SECRET = "bench-secret-of-this-install"
NAMES = {"signed": "connect.idle_cpu", "proxied": "connect.idle_cpu_by_proxy_header"}

Headers = list[tuple[bytes, bytes]]


def run() -> list[dict[str, Any]]:
    """Measured in a process of its own, so that Django's settings are the bench's own."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "POCKETWARD_HOME": home,
            "POCKETWARD_WORLD": "demo",
            "POCKETWARD_PROXY_SECRET": SECRET,
            "POCKETWARD_DEVICE_TRUSTED_PROXY": "true",
            "DJANGO_SETTINGS_MODULE": "pocketward.config.django_settings",
        }
        command = [sys.executable, "-W", "ignore", "-m", "bench.connect"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    costs: dict[str, list[float]] = json.loads(done.stdout)
    bare = statistics.median(costs["bare"])
    records = []
    for kind, name in NAMES.items():
        ours = statistics.median(costs[kind])
        ratio = statistics.median(one / other for one, other in zip(costs[kind], costs["bare"], strict=True))
        records.append(
            _record(name, round(ours * 1e6), "microseconds", round(bare * 1e6), round(ratio, 2), LIMIT)
        )
        records.append(_record(name.replace("cpu", "per_cpu_second"), round(1 / ours), "connects"))
    return records


def _record(
    name: str, value: int, unit: str, against: int | None = None, ratio: float | None = None,
    limit: float | None = None,
) -> dict[str, Any]:  # fmt: skip
    ok = ratio is None or limit is None or ratio <= limit
    return {
        "name": name, "value": value, "unit": unit, "against": against, "ratio": ratio, "limit": limit,
        "runs": RUNS, "ok": ok,
    }  # fmt: skip


def _set_up() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from pocketward.practice import api as practice_api
    from pocketward.spine.keys import make_master_key

    call_command("migrate", verbosity=0)
    make_master_key()
    practice_api.be_born(world="demo")


def _enrolled(key: Any) -> tuple[UUID, bytes]:
    """A practice with one enrolled phone that has this key; the practice, the phone's certificate."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from pocketward.fleet import api as fleet_api
    from pocketward.fleet import joining
    from pocketward.pki import api as pki_api
    from pocketward.pki.requests import issue_for_challenge
    from pocketward.practice import api as practice_api
    from pocketward.spine.api import practice_scope

    practice = practice_api.create_practice(name="Bench", by="system:bench")
    with practice_scope(practice.id):
        pki_api.ensure_authority(practice_id=practice.id)
        ticket = fleet_api.create_enrollment_ticket(
            practice_id=practice.id, member_id=None, ownership="practice", kind="iphone", label="B",
            by="system:b",
        )  # fmt: skip
        der = issue_for_challenge(
            practice_id=practice.id,
            challenge=pki_api.issue_challenge(
                practice_id=practice.id, enrollment_id=ticket.enrollment_id, purpose="management"
            ),
            purpose="management",
            spki=key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            crl_url="http://localhost/crl",
        )
        joining.authenticate(
            enrollment_id=ticket.enrollment_id, fingerprint=hashlib.sha256(der).hexdigest(), udid="U",
            serial="S", product_name="iPhone15,4", topic="t",
        )  # fmt: skip
        joining.update_token(
            enrollment_id=ticket.enrollment_id, token=b"t" * 32, push_magic="m", unlock_token=None, topic="t"
        )
    return practice.id, der


def _idle_report() -> bytes:
    from pocketward.protocols.apple_mdm import CommandReport, ReportStatus, report_plist

    return report_plist(
        CommandReport(
            status=ReportStatus.IDLE, command_uuid=None, udid="U", enrollment_id=None, user_id=None,
            user_short_name=None, error_chain=(), payload={}, raw=b"",
        )
    )  # fmt: skip


def _measure() -> None:
    _set_up()
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding

    from pocketward.fleet.apple.endpoints import serve_message
    from pocketward.kernel.startup import settle
    from pocketward.protocols.cms import mdm_signature

    key = rsa.generate_private_key(65537, 2048)  # as an iPhone makes it when a profile asks for RSA
    practice_id, der = _enrolled(key)
    certificate, body = x509.load_der_x509_certificate(der), _idle_report()
    header = mdm_signature(body, certificate, key)
    pem = quote(certificate.public_bytes(Encoding.PEM).decode())
    proof = [(b"pocketward-proxy-secret", SECRET.encode()), (b"pocketward-client-certificate", pem.encode())]

    def connecting(headers: Headers) -> Callable[[], None]:
        def connect() -> None:
            answer = serve_message(practice_id, "connect", headers, body, "127.0.0.1")
            if answer.status != 200:
                raise RuntimeError(f"the connect was answered {answer.status}")

        return connect

    work = {
        "bare": _bare(header),
        "signed": connecting([(b"mdm-signature", header.encode())]),
        "proxied": connecting(proof),
    }
    settle()  # as the web process does before it serves
    costs: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(RUNS):
        for name, one in work.items():
            costs[name].append(_cpu(one))
    print(json.dumps(costs))


def _bare(header: str) -> Callable[[], None]:
    from asn1crypto import cms
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    der = base64.b64decode(header)

    def verify() -> None:
        signed = cms.ContentInfo.load(der)["content"]
        certificate = x509.load_der_x509_certificate(signed["certificates"][0].chosen.dump())
        signer = signed["signer_infos"][0]
        attributes = b"\x31" + signer["signed_attrs"].dump()[1:]
        key = certificate.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(signer["signature"].native, attributes, padding.PKCS1v15(), hashes.SHA256())

    return verify


def _cpu(work: Callable[[], None]) -> float:
    for _ in range(10):
        work()
    started = time.process_time()
    for _ in range(CONNECTS):
        work()
    return (time.process_time() - started) / CONNECTS


if __name__ == "__main__":
    _measure()
