"""Whatever comes to a device endpoint, the answer is clear: never a fault of ours, never a 401."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from pocketward.fleet.apple import endpoints
from pocketward.kernel.ids import public_id
from pocketward.practice.records import PracticeRecord
from pocketward.protocols.apple_mdm import ReportStatus
from pocketward.protocols.cms import mdm_signature
from pocketward.spine.api import event_bodies
from tests.factories.hostile import EDITS, mutated
from tests.protocols.test_cms import make_certificate, make_key

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SECRET = "s3cret-of-this-install"
BODY = (
    b'<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>Status</key><string>%s</string>'
    b"<key>UDID</key><string>U</string></dict></plist>" % str(ReportStatus.IDLE).encode()
)
CLEAR = (400, 403, 404, 413)
NAMES = st.sampled_from(
    [b"mdm-signature", b"mdm_signature", b"pocketward-proxy-secret", b"pocketward-client-certificate",
     b"pocketward_client_certificate", b"content-type"]
)  # fmt: skip


@pytest.fixture(autouse=True)
def proxied(settings: Settings) -> None:
    """A proxy stands in front, and its secret is known here."""
    settings.POCKETWARD = replace(settings.POCKETWARD, device_trusted_proxy=True, proxy_secret=SECRET)
    endpoints._noted.clear()


def signed(body: bytes) -> list[tuple[bytes, bytes]]:
    """The header of somebody whose key signs well, and whom nobody knows."""
    return [(b"mdm-signature", mdm_signature(body, make_certificate("p256"), make_key("p256")).encode())]


def answers_clearly(practice: PracticeRecord, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    """Both endpoints refuse it, plainly."""
    for kind in ("checkin", "connect"):
        assert endpoints.serve_message(practice.id, kind, headers, body, "net").status in CLEAR


@FEW
@given(st.binary(max_size=300), EDITS)
def test_a_stranger_who_signs_is_refused_whatever_the_body(
    practice: PracticeRecord, noise: bytes, edits: list[tuple[int, int, int]]
) -> None:
    for body in (noise, mutated(BODY, edits)):
        answers_clearly(practice, signed(body), body)


VALUES = st.sampled_from([b"", SECRET.encode(), b"-", b"{x}", b"\xff"]) | st.binary(max_size=60)


@FEW
@given(st.lists(st.tuples(NAMES, VALUES), max_size=4))
def test_any_headers_are_refused(practice: PracticeRecord, headers: list[tuple[bytes, bytes]]) -> None:
    answers_clearly(practice, headers, BODY)


@FEW
@given(EDITS)
def test_a_mutated_signature_is_refused(practice: PracticeRecord, edits: list[tuple[int, int, int]]) -> None:
    ((name, value),) = signed(BODY)
    answers_clearly(practice, [(name, mutated(value, edits))], BODY)


def test_refusals_are_security_events_and_few(practice: PracticeRecord) -> None:
    for _ in range(5):
        answers_clearly(practice, signed(BODY), BODY)
        answers_clearly(practice, [], BODY)
    found = event_bodies(practice_id=practice.id, kinds=("fleet.device_message_refused",))
    # Once each, though each came often; a report is no check-in.
    reasons = sorted(body["reason"] for body in found)
    assert reasons == ["protocols.mdm_message", "unknown_certificate", "unsigned"]


def test_a_practice_that_does_not_exist_gets_no_fault_of_ours(practice: PracticeRecord) -> None:
    assert endpoints.serve_message(uuid4(), "connect", [], BODY, "net").status in CLEAR


TAILS = st.text(max_size=30) | st.sampled_from(["connect", "checkin", "enroll/", "enroll/\x00", "enroll/é"])
HEADER_NAMES = NAMES | st.sampled_from([b"content-length", b"x-forwarded-for"]) | st.binary(max_size=10)


@FEW
@given(
    st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE", "BREW"]),
    TAILS,
    st.lists(st.tuples(HEADER_NAMES, VALUES), max_size=4),
    st.binary(max_size=100),
)
@example("PUT", "connect", [], b"<plist/>")
@example("POST", "checkin", [(b"mdm-signature", b"AAAA")], b"x")
@example("GET", "enroll/nothing", [], b"")
def test_any_request_gets_a_plain_answer_of_the_endpoints_and_none_is_a_fault_of_ours(
    practice: PracticeRecord, method: str, tail: str, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    async def inline(act: Any, *given: Any) -> Any:
        return act(*given)

    for place in (f"/device/{public_id('prac', practice.id)}/{tail}", f"/device/{tail}", f"/{tail}"):
        sent.clear()
        scope = {"type": "http", "method": method, "path": place, "client": None, "headers": headers}
        with pytest.MonkeyPatch.context() as patch:
            # In this thread, whose transaction the test's practice stands in.
            patch.setattr(endpoints, "run_in_pool", inline)
            patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
            asyncio.run(endpoints.app(scope, receive, send))
        assert sent[0]["status"] in (*CLEAR, 405), place
