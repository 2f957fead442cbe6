"""The ASGI face: paths, methods, sizes, and what a phone is told when something is wrong."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from pocketward.fleet import api as fleet
from pocketward.fleet.apple import endpoints
from pocketward.kernel.ids import public_id
from pocketward.practice.records import Member, PracticeRecord
from pocketward.protocols.apple_mdm import parse_profile
from tests.fleet.apple.push_certificates import TOPIC, upload


def ask(
    method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """One request to the ASGI app; status and body."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "client": ("203.0.113.5", 4000),
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    asyncio.run(endpoints.app(scope, receive, send))
    assert dict(sent[0]["headers"])[b"content-length"] == str(len(sent[1]["body"])).encode()
    return sent[0]["status"], sent[1]["body"]


def path(tail: str) -> str:
    return f"/device/{public_id('prac', uuid4())}/{tail}"


@pytest.mark.parametrize(
    ("method", "where", "status"),
    [
        ("PUT", "/device/nonsense/connect", 404),
        ("PUT", "/device/", 404),
        ("PUT", "/device", 404),
        ("PUT", path("elsewhere"), 404),
        ("PUT", path("connect/more"), 404),
        ("GET", path("connect"), 405),
        ("POST", path("enroll/ticket"), 405),
    ],
)
def test_other_paths_and_methods_are_refused_plainly(method: str, where: str, status: int) -> None:
    assert ask(method, where) == (status, b"")


def test_a_body_that_is_too_large_is_refused_by_its_announced_length() -> None:
    assert ask("PUT", path("connect"), b"x", {"content-length": "99999999"})[0] == 413
    assert ask("PUT", path("connect"), b"x", {"content-length": "-1"})[0] == 413


def test_a_body_that_grows_too_large_is_refused() -> None:
    assert ask("PUT", path("connect"), b"x" * (5 * 1024 * 1024 + 1))[0] == 413


def test_a_fault_of_ours_is_never_a_401_and_asks_the_phone_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(endpoints, "serve_message", broken)
    assert ask("PUT", path("connect"), b"x")[0] == 503


def test_a_ticket_gives_the_signed_profile_until_a_phone_has_used_it(
    practice: PracticeRecord, clinician: Member
) -> None:
    upload(practice.id)
    ticket = fleet.create_enrollment_ticket(
        practice_id=practice.id,
        member_id=clinician.id,
        ownership="personal",
        kind="iphone",
        label="x",
        by="system:test",
    )
    for _ in range(2):
        answer = endpoints.serve_profile(practice.id, ticket.secret, "net")
        assert answer.status == 200
        profile = parse_profile(answer.body)
        assert profile.signer is not None
        (mdm,) = profile.payloads_of("com.apple.mdm")
        assert mdm.content["Topic"] == TOPIC
        assert mdm.content["AccessRights"] & 8 == 0
        assert "never erase" in profile.content["ConsentText"]["default"]
    assert fleet.enrollments(practice_id=practice.id)[0].profile_fetched_at is not None


def test_two_downloads_carry_different_challenges(practice: PracticeRecord, clinician: Member) -> None:
    upload(practice.id)
    ticket = fleet.create_enrollment_ticket(
        practice_id=practice.id,
        member_id=clinician.id,
        ownership="practice",
        kind="iphone",
        label="x",
        by="system:test",
    )
    challenges = set()
    for _ in range(2):
        profile = parse_profile(endpoints.serve_profile(practice.id, ticket.secret, "net").body)
        (scep,) = profile.payloads_of("com.apple.security.scep")
        challenges.add(scep.content["PayloadContent"]["Challenge"])
    assert len(challenges) == 2


def test_a_wrong_ticket_and_a_missing_push_certificate_are_said_plainly(
    practice: PracticeRecord, clinician: Member
) -> None:
    assert endpoints.serve_profile(practice.id, "guess", "net").status == 404
    ticket = fleet.create_enrollment_ticket(
        practice_id=practice.id,
        member_id=clinician.id,
        ownership="practice",
        kind="iphone",
        label="x",
        by="system:test",
    )
    answer = endpoints.serve_profile(practice.id, ticket.secret, "net")
    assert answer.status == 503
    assert b"push certificate" in answer.body
