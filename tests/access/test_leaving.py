"""The way out past the hosts of record systems, and the clean start on a shared tablet."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core import signing
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pocketward.access import api as access
from pocketward.access import leaving
from pocketward.access.endpoints import COOKIE, EVERYTHING, LEAVE_PATH, Headers, go, start
from pocketward.access.models import App, DeviceAccess, GateSession
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from tests.access.clinic import HOST, Phone

OTHER = "billing.example.net"


def asked(host: str, cookie: str = "", certificate: bytes = b"") -> dict[bytes, list[bytes]]:
    """The headers of a request that came through the proxy."""
    headers = {
        b"host": [b"gate"],
        b"pocketward-proxy-secret": [settings.POCKETWARD.proxy_secret.encode()],
        b"x-forwarded-host": [host.encode()],
        b"x-forwarded-proto": [b"https"],
        b"cookie": [cookie.encode()],
    }
    return headers | ({b"pocketward-client-certificate": [certificate]} if certificate else {})


def leave(address: str, *, host: str = HOST, token: str = "") -> tuple[int, dict[bytes, bytes]]:
    """What a host answers to a browser that was sent to this address."""
    parts = urlsplit(address)
    assert parts.path == LEAVE_PATH
    status, headers = go(asked(host, f"{COOKIE}={token}" if token else ""), parse_qs(parts.query), "http")
    return status, dict(headers)


def code_for(member: Member, app: UUID) -> str:
    return access.issue_code(app_id=app, member_id=member.id, strength="passkey", auth_at=clock.true_now())


def opened(member: Member, app: UUID, host: str = HOST) -> str:
    """A session of this person at the app; its cookie's value."""
    return access.redeem_code(code=code_for(member, app), host=host).token


@pytest.fixture
def account(clinician: Member) -> UUID:
    """The clinician's account."""
    made = practice_api.open_account(member_id=clinician.id, email="ben@example.org", by="system:test")
    return made.id


@pytest.fixture
def billing(practice: PracticeRecord, ehr: UUID) -> UUID:
    """A second record system, on a host of its own."""
    made = access.register_app(
        practice_id=practice.id, name="Billing", door="proxied", hosts=(OTHER,), paths=(("/", "billing"),),
        url=f"https://{OTHER}:8443/start", by="system:test",
    )  # fmt: skip
    return made.id


def test_the_way_out_leads_past_every_host_and_back_and_ends_what_is_open(
    clinician: Member, account: UUID, ehr: UUID, billing: UUID
) -> None:
    tokens = {HOST: opened(clinician, ehr), OTHER: opened(clinician, billing, OTHER)}
    place, passed = leaving.way_out(account_id=account, sign_in=None), []
    while urlsplit(place).path == LEAVE_PATH:
        host = urlsplit(place).hostname or ""
        status, headers = leave(place, host=host, token=tokens[host])
        assert (status, headers[b"clear-site-data"]) == (303, EVERYTHING)
        assert headers[b"set-cookie"].startswith(f"{COOKIE}=; Path=/; Max-Age=0".encode())
        place = headers[b"location"].decode()
        passed.append(host)
    assert sorted(passed) == sorted(tokens)
    assert place == f"{settings.POCKETWARD.people_url}/sign-in/"
    assert not GateSession.objects.filter(ended_at=None).exists()


def test_the_address_of_a_record_system_is_kept_with_its_port(
    clinician: Member, account: UUID, billing: UUID
) -> None:
    opened(clinician, billing, OTHER)
    assert leaving.way_out(account_id=account, sign_in=None).startswith(f"https://{OTHER}:8443{LEAVE_PATH}?")


def test_who_was_at_no_record_system_is_led_nowhere(account: UUID, ehr: UUID) -> None:
    assert leaving.way_out(account_id=account, sign_in=None) == ""
    assert leaving.way_out(account_id=account, sign_in=7) == ""
    assert leaving.way_out(account_id=uuid4(), sign_in=7) == ""


def test_a_way_counts_on_its_own_host_for_two_minutes(
    clinician: Member, account: UUID, ehr: UUID, billing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = opened(clinician, ehr)
    place = leaving.way_out(account_id=account, sign_in=None)
    assert leave(place, host=OTHER, token=token)[0] == 410
    assert leave(place, host="evil.example.com", token=token)[0] == 410
    monkeypatch.setattr(leaving, "COUNTS_FOR", timedelta(seconds=-1))
    status, headers = leave(place, token=token)
    assert (status, headers) == (410, {})
    assert GateSession.objects.filter(ended_at=None).count() == 1


def test_nobody_is_signed_out_by_the_way_of_another(
    clinician: Member, owner: Member, account: UUID, ehr: UUID
) -> None:
    practice_api.open_account(member_id=owner.id, email="dana@example.org", by="system:test")
    opened(clinician, ehr)
    theirs = opened(owner, ehr)
    status, headers = leave(leaving.way_out(account_id=account, sign_in=None), token=theirs)
    assert status == 303
    assert set(headers) == {b"location"}
    assert GateSession.objects.filter(member_id=owner.id, ended_at=None).count() == 1


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(way=st.text(max_size=80) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_a_way_that_is_not_ours_leads_nowhere(ehr: UUID, way: str) -> None:
    assert go(asked(HOST), {"way": [way]}, "http") == (410, [])
    assert go(asked(HOST), {}, "http") == (410, [])


@pytest.mark.parametrize("content", [[], ["x", []], ["0" * 32, [["1"]]], {"a": 1}, "text", None])
def test_a_way_that_we_signed_and_cannot_read_leads_nowhere(ehr: UUID, content: object) -> None:
    way = signing.dumps(content, salt="pocketward.access.leaving", compress=True)
    assert go(asked(HOST), {"way": [way]}, "http") == (410, [])


def begin(
    practice: PracticeRecord, code: str, phone: Phone, cookie: str = "", **more: str
) -> tuple[int, Headers]:
    """Bring a code to the app's host on this phone."""
    query = {
        "code": [f"{public_id('prac', practice.id)}.{code}"],
        **{name: [text] for name, text in more.items()},
    }
    return start(asked(HOST, cookie, phone.header), query, "http")


@pytest.mark.parametrize("people_url", ["https://pocketward.example.org", "https://pocketward.example.net"])
def test_on_a_shared_tablet_the_next_person_starts_clean(
    practice: PracticeRecord, clinician: Member, owner: Member, phone: Phone, ehr: UUID, people_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from dataclasses import replace

    monkeypatch.setattr(settings, "POCKETWARD", replace(settings.POCKETWARD, people_url=people_url))
    DeviceAccess.objects.filter(device_id=phone.device_id).update(shared=True)
    assert begin(practice, code_for(clinician, ehr), phone)[1][0] == (b"location", b"/notes")
    # The same person again: nothing is taken away.
    assert begin(practice, code_for(clinician, ehr), phone)[1][0] == (b"location", b"/notes")
    code = code_for(owner, ehr)
    status, headers = begin(practice, code, phone, "harbor=1; pocketward_gate=x")
    back = urlsplit(dict(headers)[b"location"].decode())
    assert (status, back.path, back.netloc) == (303, "/.pocketward/session", "")
    cookies = [value.decode() for name, value in headers if name == b"set-cookie"]
    if people_url.endswith(".org"):
        # The pages live under the same domain: their sign-in, made just now, must stay.
        assert dict(headers)[b"clear-site-data"] == b'"cache", "storage"'
        assert [text.partition("=")[0] for text in cookies] == ["harbor", "pocketward_gate"]
        assert all("Max-Age=0" in text for text in cookies)
    else:
        assert dict(headers)[b"clear-site-data"] == EVERYTHING
        assert cookies == []
    proof = parse_qs(back.query)["cleaned"][0]
    other = code_for(owner, ehr)
    for made_up in ("1", code, f"{proof}x"):
        assert b"clear-site-data" in dict(begin(practice, code, phone, cleaned=made_up)[1])
    # The proof is of this code; another starts over.
    assert b"clear-site-data" in dict(begin(practice, other, phone, cleaned=proof)[1])
    assert begin(practice, code, phone, cleaned=proof)[1][0] == (b"location", b"/notes")
    assert GateSession.objects.filter(ended_at=None).get().member_id == owner.id


def test_a_phone_that_one_person_carries_keeps_what_it_has(
    practice: PracticeRecord, clinician: Member, owner: Member, phone: Phone, ehr: UUID
) -> None:
    for person in (clinician, owner):
        assert begin(practice, code_for(person, ehr), phone)[1][0] == (b"location", b"/notes")


@pytest.mark.parametrize(
    ("url", "paths", "page"),
    [
        ("", (("/notes", "notes"), ("/calendar", "calendar")), "/notes"),
        ("", (("/notes", "notes"), ("/", "calendar")), "/"),
        ("https://ehr.example.org/", (("/notes", "notes"),), "/notes"),
        ("https://ehr.example.org/start?tab=1", (("/notes", "notes"),), "/start?tab=1"),
        ("", (), "/"),
    ],
)
def test_who_has_signed_in_begins_at_a_page_that_the_gate_knows(
    url: str, paths: tuple[tuple[str, str], ...], page: str
) -> None:
    assert App(url=url, paths=[list(pair) for pair in paths], hosts=[HOST]).first_page == page
