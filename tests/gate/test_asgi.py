"""The gate on the wire: nginx's contract, the page for other proxies, freshness, and what is recorded."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import socket
import threading
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pocketward.gate.asgi import Gate
from pocketward.gate.freshness import Freshness
from pocketward.gate.process import GateOptions, build_gate, serve
from pocketward.gate.records import EmergencyFacts
from pocketward.gate.segments import (
    DecisionEntry,
    Entry,
    RepeatEntry,
    SecurityEntry,
    finished_segments,
    read_segment,
)  # fmt: skip
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from tests.gate.certificates import authority, make, phone
from tests.gate.facts import (
    APP,
    CLINICIAN,
    NOW,
    PHONE,
    PRACTICE,
    SECRET,
    SESSION,
    ListStore,
    changed,
    gone,
    row,
    world_rows,
)  # fmt: skip

PUBLIC_PRACTICE = public_id("prac", UUID(PRACTICE))
TOKEN = b"a-cookie-of-the-gate"
SHIFT = int(clock.true_now().timestamp()) - NOW
AUTHORITIES = (authority()[0].pem, authority()[1].pem)


def moved(record: Any) -> Any:
    """The record's times, moved from the tests' fixed day to now."""
    names = ("fresh_until", "last_heard", "auth_at", "expires_at", "opened_at")
    return changed(record, **{n: getattr(record, n) + SHIFT for n in names if getattr(record, n, None)})


LIVE_PHONE = changed(moved(PHONE), fingerprints=(phone().fingerprint,))
LIVE_SESSION = changed(moved(SESSION), token_hash=hashlib.sha256(TOKEN).hexdigest())


def live_rows(**records: Any) -> tuple[Any, ...]:
    """The small world, now."""
    chosen: dict[str, Any] = {"device": LIVE_PHONE, "session": LIVE_SESSION} | records
    return world_rows(authorities=AUTHORITIES, **chosen)


def asked(path: str = "/notes/1", **replaced: str | bytes | None) -> list[tuple[bytes, bytes]]:
    """What nginx sends for a healthy phone; a keyword replaces a header, None leaves it out."""
    headers: dict[str, str | bytes | None] = {
        "pocketward-proxy-secret": SECRET,
        "pocketward-client-certificate": phone().header,
        "x-forwarded-host": "ehr.example.org",
        "x-forwarded-uri": path,
        "x-forwarded-method": "GET",
        "x-forwarded-for": "192.0.2.7",
        "cookie": b"pocketward_gate=" + TOKEN,
    }
    headers |= {name.replace("_", "-"): value for name, value in replaced.items()}
    return [
        (name.encode(), value.encode() if isinstance(value, str) else value)
        for name, value in headers.items()
        if value is not None
    ]


class Running:
    """A gate with its store, asked without a socket."""

    def __init__(self, folder: Path, store: ListStore, **options: Any) -> None:
        self.folder, self.store = folder / "decisions", store
        given: dict[str, Any] = {
            "people_url": "http://localhost:8000", "proxy_secret": SECRET, "segments": self.folder,
            "poll_seconds": 0.01,
        }  # fmt: skip
        self.gate: Gate = build_gate(GateOptions(**given | options), store)

    async def ask(
        self, headers: list[tuple[bytes, bytes]], path: str = "/auth-request"
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of one answer."""
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request"}

        await self.gate({"type": "http", "path": path, "headers": headers}, receive, send)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], found, b"".join(message["body"] for message in sent[1:])

    async def status(self, headers: list[tuple[bytes, bytes]]) -> int:
        """Only the status."""
        return (await self.ask(headers))[0]

    def entries(self) -> list[Entry]:
        """All that was recorded, after the gate has stopped."""
        return [entry for path in finished_segments(self.folder) for entry in read_segment(path).entries]


async def until(predicate: Any) -> None:
    """Wait, up to 3 s, until it holds."""
    for _ in range(300):
        if await predicate():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")


def test_an_allowed_request_is_204_with_its_decision_id_and_no_body(tmp_path: Path) -> None:
    async def story() -> None:
        running = Running(tmp_path, ListStore(live_rows()))
        await running.gate.start()
        status, headers, body = await running.ask(asked())
        again, repeated, _ = await running.ask(asked("/notes/2"))
        other, calendar, _ = await running.ask(asked("/calendar"))
        await running.gate.stop()
        assert (status, again, other, body) == (204, 204, 204, b"")
        assert headers["pocketward-decision"].startswith("dec_")
        assert headers["pocketward-member"] == "member-1"
        assert headers["pocketward-client"] == "enrolled"
        assert repeated["pocketward-decision"] == headers["pocketward-decision"]
        assert calendar["pocketward-decision"] != headers["pocketward-decision"]
        kinds = [type(entry) for entry in running.entries()]
        assert sorted(kind.__name__ for kind in kinds) == ["DecisionEntry", "DecisionEntry", "RepeatEntry"]

    asyncio.run(story())


def test_sign_in_is_401_and_a_refusal_403_each_with_where_to_go(tmp_path: Path) -> None:
    async def story() -> None:
        running = Running(tmp_path, ListStore(live_rows()))
        await running.gate.start()
        status, headers, body = await running.ask(asked(cookie=None))
        assert (status, body) == (401, b"")
        assert headers["pocketward-location"].startswith("http://localhost:8000/open/app-1?decision=dec_")
        status, headers, body = await running.ask(asked(pocketward_client_certificate=None, cookie=None))
        assert (status, body) == (403, b"")
        decision = headers["pocketward-decision"]
        assert headers["pocketward-location"] == f"http://localhost:8000/refused/{PUBLIC_PRACTICE}/{decision}"
        await running.gate.stop()

    asyncio.run(story())


def test_a_posture_that_flips_closes_the_next_request_of_the_same_session(tmp_path: Path) -> None:
    async def story() -> None:
        store = ListStore(live_rows())
        running = Running(tmp_path, store)
        await running.gate.start()
        assert [await running.status(asked()) for _ in range(3)] == [204, 204, 204]
        changes: list[dict[str, Any]] = [
            {"hold_ref": "case_1"},
            {"lost": True},
            {"posture": "unknown"},
            {"certificate_state": "held"},
        ]
        for number, change in enumerate(changes):
            store.rows.append(row("device", "device-1", changed(LIVE_PHONE, **change), 10 + 2 * number))

            async def is_closed() -> bool:
                return await running.status(asked()) == 403

            await until(is_closed)
            store.rows.append(row("device", "device-1", LIVE_PHONE, 11 + 2 * number))

            async def is_open() -> bool:
                return await running.status(asked()) == 204

            await until(is_open)
        store.rows.append(gone("session", LIVE_SESSION.token_hash, 90))

        async def is_out() -> bool:
            return await running.status(asked()) == 401

        await until(is_out)
        await running.gate.stop()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("records", "seconds"),
    [
        ({"device": changed(LIVE_PHONE, fresh_until=NOW + SHIFT + 100)}, 101),
        ({"session": changed(LIVE_SESSION, expires_at=NOW + SHIFT + 100)}, 100),
        ({"session": changed(LIVE_SESSION, auth_at=NOW + SHIFT + 100 - 12 * 3600)}, 101),
        ({"device": changed(LIVE_PHONE, last_heard=NOW + SHIFT + 100 - 36 * 3600)}, 101),
    ],
)
def test_time_alone_closes_a_session_that_keeps_asking(
    tmp_path: Path, records: dict[str, Any], seconds: int
) -> None:
    async def story() -> None:
        running = Running(tmp_path, ListStore(live_rows(**records)))
        await running.gate.start()
        product = running.gate._asking._clock
        start = (NOW + SHIFT) * 1000
        found = []
        for wanted in (0, seconds - 1, seconds, 0):
            product.offset_ms = start + wanted * 1000 + 5 - clock_ms()
            running.gate._asking._clock = product
            found.append(await running.status(asked()) == 204)
        await running.gate.stop()
        assert found == [True, True, False, True]

    def clock_ms() -> int:
        return int(clock.true_now().timestamp() * 1000)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (asked(pocketward_proxy_secret=None), "header_untrusted"),
        (asked(pocketward_proxy_secret="guess"), "header_untrusted"),
        ([*asked(), (b"x-forwarded-host", b"ehr.example.org")], "header_repeated"),
        ([*asked(), (b"pocketward_client_certificate", b"x")], "header_repeated"),
        (asked(pocketward_client_certificate=b"{http.tls.client}"), "header_placeholder"),
        (asked(pocketward_client_certificate=b"AAAA"), "certificate_unreadable"),
        (asked(pocketward_client_certificate=make("x", None).header), "certificate_invalid"),
        (asked(pocketward_client_certificate=make("y", authority()[1]).header), "certificate_unknown"),
        (asked("/notes/..%2fbilling"), "address_unclear"),
    ],
)
def test_what_no_honest_client_does_is_refused_and_recorded(
    tmp_path: Path, headers: list[tuple[bytes, bytes]], code: str
) -> None:
    async def story() -> None:
        running = Running(tmp_path, ListStore(live_rows()))
        await running.gate.start()
        # First an allowed one, so that nothing is answered from memory.
        assert await running.status(asked()) == 204
        assert await running.status(headers) == 403
        await running.gate.stop()
        alarms = [entry for entry in running.entries() if isinstance(entry, SecurityEntry)]
        assert [alarm.code for alarm in alarms] == [code]
        refusal = [e for e in running.entries() if isinstance(e, DecisionEntry)][-1].stored.decision
        assert refusal.reasons[0].code == code

    asyncio.run(story())


def test_a_recorded_decision_holds_no_address_of_the_page(tmp_path: Path) -> None:
    async def story() -> None:
        running = Running(tmp_path, ListStore(live_rows()))
        await running.gate.start()
        await running.ask(asked("/notes/patient-ana-lopez?dob=1970-01-01"))
        await running.ask(asked("/billing/patient-ana-lopez"))
        await running.gate.stop()
        for path in running.folder.iterdir():
            assert b"lopez" not in path.read_bytes()
            assert TOKEN not in path.read_bytes()

    asyncio.run(story())


def test_a_gate_that_cannot_read_its_snapshot_refuses_everything_after_its_limit(tmp_path: Path) -> None:
    async def story() -> None:
        store = ListStore(live_rows())
        running = Running(tmp_path, store, stale_seconds=0.15)
        await running.gate.start()
        assert await running.status(asked()) == 204
        store.is_broken = True

        async def is_closed() -> bool:
            return await running.status(asked()) == 403

        await until(is_closed)
        assert (await running.ask([], "/health"))[0] == 503
        store.is_broken = False

        async def is_open() -> bool:
            return await running.status(asked()) == 204

        await until(is_open)
        assert (await running.ask([], "/health"))[0] == 200
        await running.gate.stop()
        codes = {
            reason.code
            for entry in running.entries()
            if isinstance(entry, DecisionEntry)
            for reason in entry.stored.decision.reasons
        }
        assert codes == {"gate_stale"}

    asyncio.run(story())


def test_before_its_first_poll_a_gate_refuses(tmp_path: Path) -> None:
    async def story() -> None:
        store = ListStore(live_rows())
        store.is_broken = True
        running = Running(tmp_path, store)
        await running.gate.start()
        assert await running.status(asked()) == 403
        await running.gate.stop()

    asyncio.run(story())


def test_age_counts_from_the_start_of_the_last_successful_poll() -> None:
    now = [100.0]
    freshness = Freshness(30.0, lambda: now[0])
    assert freshness.fault() == "gate_starting"
    freshness.polled(90.0)
    assert (freshness.fault(), freshness.age()) == ("", 10.0)
    now[0] = 120.1
    assert freshness.fault() == "gate_stale"


def test_an_emergency_grant_opens_and_ends(tmp_path: Path) -> None:
    async def story() -> None:
        store = ListStore(live_rows(person=changed(CLINICIAN, roles=())))
        running = Running(tmp_path, store)
        await running.gate.start()
        assert await running.status(asked()) == 403
        start = NOW + SHIFT
        grant = EmergencyFacts("grant-1", PRACTICE, "member-1", "app-1", start - 5, start + 1800)
        store.rows.append(row("emergency", "grant-1", grant))

        async def is_open() -> bool:
            return await running.status(asked()) == 204

        await until(is_open)
        store.rows.append(gone("emergency", "grant-1", 2))

        async def is_closed() -> bool:
            return await running.status(asked()) == 403

        await until(is_closed)
        await running.gate.stop()

    asyncio.run(story())


def test_other_proxies_get_a_redirect_or_a_page_in_the_readers_language(tmp_path: Path) -> None:
    async def story() -> None:
        running = Running(tmp_path, ListStore(live_rows(device=changed(LIVE_PHONE, lost=True))))
        await running.gate.start()
        html = {"accept": "text/html", "accept_language": "es-MX,en;q=0.5"}
        status, headers, body = await running.ask(asked(**html), "/forward-auth")
        assert status == 403
        assert "Los expedientes están cerrados en este teléfono" in body.decode()
        assert f"/refused/{PUBLIC_PRACTICE}/{headers['pocketward-decision']}" in body.decode()
        assert headers["content-length"] == str(len(body))
        assert "script" not in body.decode()
        status, headers, body = await running.ask(asked(), "/forward-auth")
        assert (status, body) == (403, b"")
        signed_out = asked(cookie=None, pocketward_client_certificate=None, **html)
        assert (await running.ask(signed_out, "/forward-auth"))[0] == 403
        await running.gate.stop()

    asyncio.run(story())


def test_forward_auth_sends_a_browser_to_sign_in(tmp_path: Path) -> None:
    async def story() -> None:
        running = Running(tmp_path, ListStore(live_rows()))
        await running.gate.start()
        status, headers, _ = await running.ask(asked(cookie=None, accept="text/html"), "/forward-auth")
        assert status == 302
        assert headers["location"] == headers["pocketward-location"]
        assert (await running.ask(asked(cookie=None), "/forward-auth"))[0] == 401
        assert (await running.ask(asked(), "/forward-auth"))[0] == 204
        assert (await running.ask(asked(), "/elsewhere"))[0] == 404
        await running.gate.stop()

    asyncio.run(story())


def test_a_watched_app_lets_through_and_records_what_would_have_been(tmp_path: Path) -> None:
    async def story() -> None:
        rows = live_rows(app=changed(APP, mode="watch"), device=changed(LIVE_PHONE, posture="unknown"))
        running = Running(tmp_path, ListStore(rows))
        await running.gate.start()
        assert await running.status(asked()) == 204
        await running.gate.stop()
        (entry,) = running.entries()
        assert isinstance(entry, DecisionEntry)
        assert entry.stored.decision.would_have == "refuse"

    asyncio.run(story())


def test_a_gate_on_tcp_needs_a_secret(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="secret"):
        build_gate(GateOptions("http://localhost", "", tmp_path), ListStore())


def test_it_is_served_over_tcp_with_a_nudge_and_without_telling_what_it_is(tmp_path: Path) -> None:
    store = ListStore(live_rows())
    nudge = tmp_path / "run" / "gate-1.nudge"
    gate = build_gate(
        GateOptions("http://localhost", SECRET, tmp_path / "d", poll_seconds=30, nudge_path=nudge), store
    )
    stop, opened, ports = threading.Event(), threading.Event(), []

    def listening(port: int) -> None:
        ports.append(port)
        opened.set()

    thread = threading.Thread(target=serve, args=(gate,), kwargs={"stop": stop, "listening": listening})
    thread.start()
    try:
        assert opened.wait(10)
        connection = http.client.HTTPConnection("127.0.0.1", ports[0], timeout=5)
        headers = {name.decode(): value.decode() for name, value in asked()}

        def status() -> int:
            connection.request("GET", "/auth-request", headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.getheader("server") is None
            return answer.status

        assert [status() for _ in range(3)] == [204, 204, 204]
        store.rows.append(row("device", "device-1", changed(LIVE_PHONE, lost=True), 5))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"1", str(nudge))
        wait = threading.Event()
        for _ in range(200):
            if status() == 403:
                break
            wait.wait(0.01)
        assert status() == 403
        connection.close()
    finally:
        stop.set()
        thread.join(10)
    assert not nudge.exists()
    entries = [e for path in finished_segments(tmp_path / "d") for e in read_segment(path).entries]
    assert any(isinstance(entry, RepeatEntry) for entry in entries)


def test_a_unix_socket_is_trusted_without_the_secret(tmp_path: Path) -> None:
    path = tmp_path / "gate.sock"
    options = GateOptions("http://localhost", "", tmp_path / "d", is_trusted_socket=True)
    gate = build_gate(options, ListStore(live_rows()))
    stop, opened = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=serve,
        args=(gate,),
        kwargs={"stop": stop, "unix_socket": path, "listening": lambda _port: opened.set()},
    )
    thread.start()
    try:
        assert opened.wait(10)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            lines = b"".join(b"%b: %b\r\n" % item for item in asked(pocketward_proxy_secret=None))
            client.sendall(b"GET /auth-request HTTP/1.1\r\nhost: gate\r\n" + lines + b"\r\n")
            assert client.recv(4096).startswith(b"HTTP/1.1 204")
    finally:
        stop.set()
        thread.join(10)
