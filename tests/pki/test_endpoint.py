"""The raw ASGI endpoint: clear answers to good and bad requests, never an error of ours."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketward.kernel import clock
from pocketward.kernel.ids import public_id, uuid7
from pocketward.pki import endpoints
from pocketward.pki.scep_answers import Answer
from pocketward.protocols import scep
from pocketward.spine.errors import WriterBusy
from tests.factories.hostile import EDITS, mutated
from tests.pki.conftest import Phone


def call(method: str, url: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """One request through the ASGI callable, its body in two pieces: status, headers, body."""
    address = urlsplit(url)
    half = len(body) // 2
    pieces: Iterator[MutableMapping[str, Any]] = iter(
        (
            {"type": "http.request", "body": body[:half], "more_body": True},
            {"type": "http.request", "body": body[half:], "more_body": False},
        )
    )
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return next(pieces)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": address.path, "query_string": address.query.encode()}
    with pytest.raises(StopIteration):
        # Nothing in it waits, so it ends at the first step, with no event loop that Django would object to.
        endpoints.app(scope, receive, send).send(None)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"]


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the pool's work here: the test's transaction is this thread's."""

    async def run(work: Any, *args: Any) -> Answer:
        answer: Answer = work(*args)
        return answer

    monkeypatch.setattr(endpoints, "run_in_pool", run)


@pytest.mark.usefixtures("inline")
def test_a_whole_enrollment_over_the_endpoint(phone: Phone) -> None:
    base = phone.path("access")
    status, headers, body = call("GET", scep.operation_url(base, "GetCACaps"))
    assert (status, headers["content-type"]) == (200, "text/plain")
    assert "scepstandard" in scep.parse_capabilities(body)
    status, headers, body = call("GET", scep.operation_url(base, "GetCACert"))
    assert (status, headers["content-type"]) == (200, "application/x-x509-ca-ra-cert")
    asked = scep.begin_enrollment(
        key=phone.key, subject=(("CN", "phone"),), challenge=phone.challenge(), now=clock.now(),
        authority=scep.parse_ca_certificates(body, headers["content-type"]),
    )  # fmt: skip
    status, headers, body = call("POST", scep.operation_url(base, "PKIOperation"), asked.request)
    assert (status, headers["content-type"]) == (200, "application/x-pki-message")
    assert headers["content-length"] == str(len(body))
    assert scep.read_answer(asked, body).certificate is not None


@pytest.mark.usefixtures("inline")
def test_a_message_may_come_in_the_address(phone: Phone) -> None:
    asked = scep.begin_enrollment(
        key=phone.key, subject=(("CN", "phone"),), challenge=phone.challenge(), authority=phone.authority(),
        now=clock.now(),
    )  # fmt: skip
    status, _, body = call("GET", scep.operation_url(phone.path("access"), "PKIOperation", asked.request))
    assert status == 200
    assert scep.read_answer(asked, body).certificate is not None


@pytest.mark.usefixtures("inline")
def test_the_revocation_list_has_its_own_type(phone: Phone) -> None:
    status, headers, body = call("GET", f"/device/{public_id('prac', phone.practice.id)}/crl.crl")
    assert (status, headers["content-type"], body[:1]) == (200, "application/pkix-crl", b"\x30")


@pytest.mark.usefixtures("inline")
@pytest.mark.parametrize(
    ("method", "tail", "body", "status"),
    [
        ("GET", "scep/access", b"", 400),
        ("GET", "scep/access?operation=GetNextCACert", b"", 400),
        ("GET", "scep/access?operation=PKIOperation&message=%%%", b"", 400),
        ("GET", "scep/access?operation=PKIOperation", b"", 400),
        ("POST", "scep/access?operation=PKIOperation", b"", 400),
        ("POST", "scep/access?operation=PKIOperation", b"\x30\x80\x00", 400),
        ("POST", "scep/access?operation=PKIOperation", b"x" * 70_000, 413),
        ("GET", "scep/access?" + "&".join("a=b" for _ in range(9)), b"", 400),
        ("DELETE", "scep/access?operation=GetCACaps", b"", 405),
        ("GET", "scep/server?operation=GetCACaps", b"", 404),
        ("GET", "scep/access/more?operation=GetCACaps", b"", 404),
        ("GET", "crl.pem", b"", 404),
    ],
)
def test_requests_that_make_no_sense_get_a_clear_status(
    phone: Phone, method: str, tail: str, body: bytes, status: int
) -> None:
    got, headers, said = call(method, f"/device/{public_id('prac', phone.practice.id)}/{tail}", body)
    assert got == status
    assert headers["content-type"].startswith("text/plain") and said


@pytest.mark.usefixtures("inline", "phone")
@pytest.mark.parametrize("name", ["prac_nonsense", "dev_00000000000000000000000000", "", "unknown"])
def test_practices_that_do_not_exist_have_nothing_to_offer(name: str) -> None:
    named = public_id("prac", uuid7()) if name == "unknown" else name
    assert call("GET", f"/device/{named}/scep/access?operation=GetCACert")[0] == 404
    assert call("GET", f"/device/{named}/crl.crl")[0] == 404


@pytest.mark.usefixtures("inline")
def test_a_busy_server_says_so_and_keeps_the_challenge(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> bytes:
        raise WriterBusy()

    secret = phone.challenge()
    asked = scep.begin_enrollment(
        key=phone.key, subject=(("CN", "phone"),), challenge=secret, authority=phone.authority(),
        now=clock.now(),
    )  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr("pocketward.pki.scep_answers._issue", busy)
        assert phone.send("access", asked.request).status == 503
    assert phone.enroll(secret).certificate is not None


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDITS)
def test_a_mutated_message_never_breaks_the_endpoint(phone: Phone, edits: list[tuple[int, int, int]]) -> None:
    asked = scep.begin_enrollment(
        key=phone.key, subject=(("CN", "phone"),), challenge="guess", authority=phone.authority(),
        now=clock.now(),
    )  # fmt: skip
    assert phone.send("access", mutated(asked.request, edits)).status in (200, 400)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.binary(max_size=60), st.text(max_size=40))
def test_random_requests_never_break_the_endpoint(phone: Phone, body: bytes, query: bytes, path: str) -> None:
    for method in ("GET", "POST"):
        assert endpoints.respond(method, phone.path("access"), query, body).status in (200, 400)
        assert endpoints.respond(method, f"/device/{path}", query, body).status in (400, 404)
