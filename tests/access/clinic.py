"""A clinic for access's tests: a clinician with an enrolled iPhone, an app, and a real gate beside them.

The gate is the shipped one, asked without a socket. Its snapshot store reads the published rows through the
test's own connection, because the test's transaction is never committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection

from pocketward.access import api as access
from pocketward.access.models import SnapshotRow
from pocketward.fleet import api as fleet
from pocketward.fleet import joining, state
from pocketward.fleet.events import DeviceStateReported
from pocketward.gate.asgi import Gate
from pocketward.gate.process import GateOptions, build_gate
from pocketward.gate.snapshot import Changes, Row
from pocketward.kernel import clock
from pocketward.kernel.canonical import plain
from pocketward.pki import api as pki
from pocketward.pki.requests import issue_for_challenge
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import record, unit_of_work

HOST = "ehr.example.org"
SECRET = "proxy-secret-of-this-install"
HEALTHY: dict[str, Any] = {
    "passcode_present": True,
    "passcode_compliant": True,
    "passcode_compliant_with_profiles": True,
    "hardware_encryption_caps": 3,
    "os_version": "26.6.1",
    "build_version": "23G83",
    "product_name": "iPhone15,4",
    "supervised": True,
    "installed_apps": [],
    "managed_apps": {},
}
OF_SECURITY = {name for name in HEALTHY if name.startswith(("passcode", "hardware"))}


class Phone:
    """An enrolled iPhone with its access identity."""

    def __init__(self, practice: PracticeRecord, member: Member, serial: str = "SER1") -> None:
        self.practice, self.member = practice, member
        ticket = fleet.create_enrollment_ticket(
            practice_id=practice.id, member_id=member.id, ownership="practice", kind="iphone",
            label=f"Phone {serial}", by="system:test",
        )  # fmt: skip
        joined = joining.authenticate(
            enrollment_id=ticket.enrollment_id, fingerprint=serial[-1] * 64, udid=f"UDID-{serial}",
            serial=serial, product_name="iPhone15,4", topic="com.apple.mgmt.External.test",
        )  # fmt: skip
        joining.update_token(
            enrollment_id=ticket.enrollment_id, token=b"\x01" * 32, push_magic="magic",
            unlock_token=b"unlock", topic="com.apple.mgmt.External.test",
        )  # fmt: skip
        assert joined.device_id is not None
        self.enrollment_id, self.device_id = joined.id, joined.device_id
        self.header = self.new_identity()

    def new_identity(self) -> bytes:
        """One more access identity for this phone, as the proxy's header shows it."""
        key = ec.generate_private_key(ec.SECP256R1())
        challenge = pki.issue_challenge(
            practice_id=self.practice.id, enrollment_id=self.enrollment_id, purpose="access",
            device_id=self.device_id, minutes=60,
        )  # fmt: skip
        spki = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        der = issue_for_challenge(
            practice_id=self.practice.id, challenge=challenge, purpose="access", spki=spki,
            crl_url="http://localhost/crl",
        )  # fmt: skip
        pem = x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)
        return quote(pem.decode()).encode()

    @unit_of_work
    def report(self, **changes: Any) -> None:
        """The phone says what it is like: healthy, with changes."""
        now = clock.now()
        state = {
            name: {"value": value, "observed_at": plain(now), "source": "test"}
            for name, value in (HEALTHY | changes).items()
        }
        state["last_heard"] = {"value": plain(now), "observed_at": plain(now), "source": "test"}
        record(
            DeviceStateReported(
                practice_id=self.practice.id, actor=f"device:{self.device_id}",
                subject=f"device:{self.device_id}", device_id=self.device_id,
                enrollment_id=self.enrollment_id, device_kind="iphone", ownership="practice", shared=False,
                state=state, state_hash="x", observed_at=now, message_digest="",
            )
        )  # fmt: skip

    def tell(self, *questions: str, **changes: Any) -> None:
        """The phone answers these questions, the two of health if none is named: healthy, with changes."""
        facts = HEALTHY | changes
        for question in questions or ("DeviceInformation", "SecurityInfo"):
            told = {
                name: facts[name] for name in facts if (name in OF_SECURITY) == (question == "SecurityInfo")
            }
            state.save_state(
                enrollment_id=self.enrollment_id, message_digest="00" * 32,
                facts=state.facts_from(told, source=question, at=clock.now()),
            )  # fmt: skip


class PublishedRows:
    """A snapshot store over the test's own connection."""

    def poll(self, cursor: bytes | None) -> Changes:
        """Rows with a newer stamp; on PostgreSQL, where a test is one transaction, all of them."""
        seen = int(cursor or b"-1") if connection.vendor == "sqlite" else -1
        rows = tuple(SnapshotRow.objects.filter(stamp__gt=seen).order_by("stamp"))
        found = tuple(
            Row(str(row.practice_id), row.kind, row.key, row.version, row.deleted, bytes(row.body))
            for row in rows
        )
        return Changes(found, b"%d" % max((row.stamp for row in rows), default=seen))

    def close(self) -> None:
        """Nothing is held."""


class Door:
    """The app's door: a real gate that reads what access published, up to date at each request."""

    def __init__(self, folder: Path) -> None:
        self.store = PublishedRows()
        options = GateOptions("http://localhost:8000", SECRET, folder, poll_seconds=3600)
        self.gate: Gate = build_gate(options, self.store)
        self.poller = self.gate._make_poller()
        self.cursor: bytes | None = None

    def ask(self, phone: Phone | None, token: str = "", path: str = "/notes/1", **more: str) -> Answer:
        """What the gate answers now."""
        changes = self.store.poll(self.cursor)
        self.cursor = changes.cursor
        self.poller._snapshot.apply(changes.rows)
        self.poller._freshness.polled(_awake())
        headers = {
            "pocketward-proxy-secret": SECRET, "x-forwarded-host": HOST, "x-forwarded-uri": path,
            "x-forwarded-method": "GET", "x-forwarded-for": "192.0.2.7",
        } | {name.replace("_", "-"): value for name, value in more.items()}  # fmt: skip
        if token:
            headers["cookie"] = f"pocketward_gate={token}"
        if phone is not None:
            headers["pocketward-client-certificate"] = phone.header.decode()
        return asyncio.run(self._ask([(name.encode(), value.encode()) for name, value in headers.items()]))

    async def _ask(self, headers: list[tuple[bytes, bytes]]) -> Answer:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request"}

        self.gate._clock.refresh()
        at = int(clock.now().timestamp() * 1000)
        self.gate._clock.offset_ms = at - int(clock.true_now().timestamp() * 1000)
        await self.gate({"type": "http", "path": "/auth-request", "headers": headers}, receive, send)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], found["pocketward-decision"], found)

    def hand_over(self) -> None:
        """Write out what was decided, as when the file is full."""
        self.gate._recorder.finish()
        self.gate._sink.flush()
        self.gate._sink._rotate()


class Answer:
    """Status and decision id of one answer."""

    def __init__(self, status: int, decision_id: str, headers: dict[str, str]) -> None:
        self.status, self.decision_id, self.headers = status, decision_id, headers


def _awake() -> float:
    from pocketward.gate.freshness import awake_seconds

    return awake_seconds()


def register_ehr(practice: PracticeRecord, mode: str = "enforce") -> UUID:
    """The clinic's record system behind the gate."""
    return access.register_app(
        practice_id=practice.id, name="Harbor EHR", door="proxied", hosts=(HOST,), mode=mode,
        paths=(("/notes", "notes"), ("/calendar", "calendar"), ("/billing", "billing")), by="system:test",
    ).id  # fmt: skip


def sign_in(
    member: Member, app_id: UUID, phone: Phone | None, strength: str = "passkey", ago: int = 0
) -> str:
    """The cookie of a new session at the app."""
    code = access.issue_code(
        app_id=app_id, member_id=member.id, strength=strength,
        auth_at=clock.true_now() - timedelta(seconds=ago),
    )  # fmt: skip
    fingerprint = ""
    if phone is not None:
        from pocketward.access.endpoints import fingerprint_of

        fingerprint = fingerprint_of(phone.header.decode())
    return access.redeem_code(code=code, host=HOST, fingerprint=fingerprint).token


@contextmanager
def later(**delta: float) -> Iterator[datetime]:
    """The same place after a while."""
    moment = clock.now() + timedelta(**delta)
    with clock.frozen(moment):
        yield moment
