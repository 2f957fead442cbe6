"""An idle Apple connect, whole, against the bare cost of verifying one CMS signature with openssl's library.

The peer is `cryptography`'s own PKCS #7 parsing and signature check over the same message: what any server
must at least do to know who speaks.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LIMIT = 2.0
RUNS, CONNECTS = 5, 300


def run() -> list[dict[str, Any]]:
    """Measured in a process of its own, so that Django's settings are the bench's own."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "POCKETWARD_HOME": home,
            "POCKETWARD_WORLD": "demo",
            "DJANGO_SETTINGS_MODULE": "pocketward.config.django_settings",
        }
        command = [sys.executable, "-W", "ignore", "-m", "bench.connect"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    ours, bare = (float(text) for text in done.stdout.split())
    ratio = ours / bare
    return [
        {
            "name": "connect.idle_cpu",
            "value": round(ours * 1e6),
            "unit": "microseconds",
            "against": f"one CMS verification by openssl: {bare * 1e6:.0f}",
            "ratio": round(ratio, 2),
            "limit": LIMIT,
            "runs": RUNS,
            "ok": ratio <= LIMIT,
        },
        {
            "name": "connect.idle_per_cpu_second",
            "value": round(1 / ours),
            "unit": "connects",
            "against": "",
            "ratio": None,
            "limit": None,
            "runs": RUNS,
            "ok": True,
        },
    ]


def _measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from pocketward.fleet.apple.endpoints import serve_message
    from pocketward.protocols.apple_mdm import CommandReport, ReportStatus, report_plist
    from pocketward.protocols.cms import mdm_signature

    practice_id, certificate, key = _enrolled_phone()
    report = CommandReport(
        status=ReportStatus.IDLE, command_uuid=None, udid="U", enrollment_id=None, user_id=None,
        user_short_name=None, error_chain=(), payload={}, raw=b"",
    )  # fmt: skip
    body = report_plist(report)
    header = mdm_signature(body, certificate, key)
    headers = [(b"mdm-signature", header.encode())]

    def connect() -> None:
        answer = serve_message(practice_id, "connect", headers, body, "127.0.0.1")
        assert answer.status == 200

    ours = statistics.median(_cpu(connect) for _ in range(RUNS))
    bare = statistics.median(_cpu(_bare(body, header)) for _ in range(RUNS))
    print(ours, bare)


def _enrolled_phone() -> tuple[UUID, x509.Certificate, rsa.RSAPrivateKey]:
    """A practice with one enrolled phone, and that phone's management identity."""
    from pocketward.fleet import api as fleet_api
    from pocketward.fleet import joining
    from pocketward.practice import api as practice_api
    from pocketward.spine.api import make_master_key, practice_scope

    make_master_key()
    practice_api.be_born(world="demo")
    practice = practice_api.create_practice(name="Bench", by="system:bench")
    with practice_scope(practice.id):
        ticket = fleet_api.create_enrollment_ticket(
            practice_id=practice.id,
            member_id=None,
            ownership="practice",
            kind="iphone",
            label="B",
            by="system:b",
        )
        der, key = _management_identity(practice.id, ticket.enrollment_id)
        joining.authenticate(
            enrollment_id=ticket.enrollment_id, fingerprint=hashlib.sha256(der).hexdigest(), udid="U",
            serial="S", product_name="iPhone15,4", topic="t",
        )  # fmt: skip
        joining.update_token(
            enrollment_id=ticket.enrollment_id, token=b"t" * 32, push_magic="m", unlock_token=None, topic="t"
        )
    return practice.id, x509.load_der_x509_certificate(der), key


def _management_identity(practice_id: UUID, enrollment_id: UUID) -> tuple[bytes, rsa.RSAPrivateKey]:
    from pocketward.pki import api as pki_api
    from pocketward.pki.requests import issue_for_challenge

    pki_api.ensure_authority(practice_id=practice_id)
    key = rsa.generate_private_key(65537, 2048)  # as an iPhone makes it when a profile asks for RSA
    der = issue_for_challenge(
        practice_id=practice_id,
        challenge=pki_api.issue_challenge(
            practice_id=practice_id, enrollment_id=enrollment_id, purpose="management"
        ),
        purpose="management",
        spki=key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        crl_url="http://localhost/crl",
    )
    return der, key


def _bare(body: bytes, header: str) -> Any:
    import base64

    folder = tempfile.mkdtemp()
    signature, content = os.path.join(folder, "s.der"), os.path.join(folder, "body")
    with open(signature, "wb") as file:
        file.write(base64.b64decode(header))
    with open(content, "wb") as file:
        file.write(body)
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


def _cpu(work: Any) -> float:
    for _ in range(20):
        work()
    started = time.process_time()
    for _ in range(CONNECTS):
        work()
    return (time.process_time() - started) / CONNECTS


if __name__ == "__main__":
    _measure()
