"""The gate on the wire: nginx's contract, the page for other proxies, freshness, and what is recorded."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pocketward.gate.freshness import Freshness
from pocketward.gate.process import GateOptions, build_gate
from pocketward.gate.records import EmergencyFacts
from pocketward.gate.segments import (
    DecisionEntry,
    SecurityEntry,
)
from pocketward.kernel import clock
from tests.gate.certificates import authority, make
from tests.gate.facts import (
    APP,
    CLINICIAN,
    NOW,
    PRACTICE,
    ListStore,
    changed,
    gone,
    row,
)
from tests.gate.running import (
    LIVE_PHONE,
    LIVE_SESSION,
    PUBLIC_PRACTICE,
    SHIFT,
    TOKEN,
    Running,
    asked,
    live_rows,
    until,
)


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
        assert "pocketward-client" not in headers
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
