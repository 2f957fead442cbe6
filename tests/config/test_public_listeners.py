"""Identity headers on a listener that anybody reaches: refused, and a security event."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from pocketward.access import alarms
from pocketward.access import endpoints as session_endpoint
from pocketward.config import public_listeners
from pocketward.config.asgi import application, device_application, in_time
from pocketward.config.public_listeners import guarded
from pocketward.kernel.ids import public_id
from pocketward.practice.records import PracticeRecord
from pocketward.spine.api import event_bodies

SECRET = "s3cret-of-this-install"
CERTIFICATE, PROOF = "pocketward-client-certificate", "pocketward-proxy-secret"
Pairs = tuple[tuple[str, str], ...]


@pytest.fixture(autouse=True)
def known_secret(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that the tests may name, no memory of alarms before, and the pool's work done here."""

    async def run(work: Any, *given_values: Any) -> Any:
        return work(*given_values)

    for place in (public_listeners, session_endpoint):
        monkeypatch.setattr(place, "run_in_pool", run)
    settings.POCKETWARD = replace(settings.POCKETWARD, proxy_secret=SECRET)
    alarms._noted.clear()


async def inner(scope: Any, receive: Any, send: Any) -> None:
    """What lies behind the guard."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def ask(app: Any, path: str, *headers: tuple[str, str], query: bytes = b"") -> int:
    """The status of one request."""
    sent: list[Any] = []
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": query, "client": ("203.0.113.5", 4000),
        "headers": [(b"host", b"clinic.example.org")]
        + [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }  # fmt: skip

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    with pytest.raises(StopIteration):
        # Nothing in it waits, so it ends at the first step, with no event loop that Django would object to.
        app(scope, receive, send).send(None)
    return int(sent[0]["status"])


def alarm_codes(practice: PracticeRecord) -> list[str]:
    """The security events recorded, oldest first."""
    return [
        body["code"] for body in event_bodies(practice_id=practice.id, kinds=("access.gate_alarm_raised",))
    ]


@pytest.mark.parametrize(
    "headers",
    [
        ((CERTIFICATE, "x"),), ((PROOF, "guess"),), ((PROOF, SECRET), (CERTIFICATE, "x")),
        (("pocketward_client_certificate", "x"),), (("pocketward-client_certificate", "x"),),
    ],
)  # fmt: skip
def test_on_the_pages_an_identity_header_is_refused_and_recorded(
    practice: PracticeRecord, headers: Pairs
) -> None:
    for path in ("/", "/sign-in/", "/lost", f"/p/{practice.slug}/phones/"):
        assert ask(guarded(inner), path, *headers) == 400
    assert alarm_codes(practice) == ["header_public"]


def test_a_proven_proxy_may_say_on_the_pages_where_a_request_came_from(practice: PracticeRecord) -> None:
    assert ask(guarded(inner), "/l/abc", (PROOF, SECRET), ("x-forwarded-for", "203.0.113.7")) == 299
    assert ask(guarded(inner), "/l/abc", (PROOF, SECRET), ("pocketward_proxy_secret", SECRET)) == 400
    assert alarm_codes(practice) == ["header_public"]


@pytest.mark.parametrize("where", ["/device/{}/scep/access", "/device/{}/enroll/x", "/device/{}/crl.crl"])
def test_before_device_endpoints_only_a_proven_proxy_may_show_a_certificate(
    practice: PracticeRecord, where: str
) -> None:
    path = where.format(public_id("prac", practice.id))
    assert ask(guarded(inner), path, (CERTIFICATE, "x"), (PROOF, SECRET)) == 299
    assert ask(guarded(inner), path, (CERTIFICATE, "x")) == 400
    assert ask(guarded(inner), path, (CERTIFICATE, "x"), (PROOF, SECRET), (CERTIFICATE, "x")) == 400
    assert ask(guarded(inner), path, (PROOF, SECRET), ("pocketward_client_certificate", "x")) == 400
    assert sorted(alarm_codes(practice)) == ["header_repeated", "header_untrusted"]


def test_at_the_handover_of_sessions_too(practice: PracticeRecord) -> None:
    where = "/.pocketward/session"
    assert ask(guarded(inner), where, (PROOF, SECRET), (CERTIFICATE, "x")) == 299
    assert ask(guarded(inner), where, (PROOF, "guess")) == 400
    assert ask(guarded(inner), where, (PROOF, SECRET), (PROOF, SECRET)) == 400
    assert sorted(alarm_codes(practice)) == ["header_repeated", "header_untrusted"]


def test_a_phones_message_is_left_to_the_endpoint_that_judges_it(practice: PracticeRecord) -> None:
    for tail in ("connect", "checkin"):
        path = f"/device/{public_id('prac', practice.id)}/{tail}"
        assert ask(guarded(inner), path, (CERTIFICATE, "x")) == 299


def test_other_requests_pass(practice: PracticeRecord) -> None:
    assert ask(guarded(inner), "/sign-in/", ("x-forwarded-host", "a"), ("accept", "b")) == 299
    assert alarm_codes(practice) == []


def test_both_listeners_have_the_guard(practice: PracticeRecord) -> None:
    assert ask(application(), "/sign-in/", (CERTIFICATE, "x")) == 400
    path = f"/device/{public_id('prac', practice.id)}/crl.crl"
    assert ask(device_application(), path, (CERTIFICATE, "x")) == 400
    assert sorted(alarm_codes(practice)) == ["header_public", "header_untrusted"]


def test_a_body_that_never_comes_is_given_up() -> None:
    async def never() -> Any:
        await asyncio.sleep(60)

    async def try_it() -> Any:
        return await in_time(never, 0.05)()

    assert asyncio.run(try_it()) == {"type": "http.disconnect"}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=80),
    st.lists(st.tuples(st.sampled_from([PROOF, CERTIFICATE, "x-forwarded-host", "host", "cookie"]),
                       st.sampled_from(["", SECRET, "{tls}", "a,b", "é"])), max_size=5),
)  # fmt: skip
def test_any_request_for_a_session_is_answered_plainly(
    practice: PracticeRecord, query: bytes, headers: list[tuple[str, str]]
) -> None:
    for given_query in (query, b"code=" + query, b"a=1&b=2&c=3&d=4&e=5"):
        status = ask(guarded(session_endpoint.app), "/.pocketward/session", *headers, query=given_query)
        assert status in (400, 410)
