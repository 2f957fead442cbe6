"""The lab's page: what it serves, who may press its buttons, and what it never shows."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from devicelab.lab import Lab
from devicelab.page import SERVED, STATIC, page_app
from devicelab.phone.state import Identity, Management
from devicelab.world import PersonSpec, PhoneSpec, World

import pocketward.web
from pocketward.kernel import clock

PORT, TOKEN, PUSH_TOKEN = 8013, "the-token", b"\xab" * 32
HOST = f"localhost:{PORT}"
GOOD = {"host": HOST, "origin": f"http://{HOST}", "lab-page-token": TOKEN}
BEN = "Ben's iPhone"


@pytest.fixture
def lab(tmp_path: Path) -> Any:
    """A lab with one phone that nothing listens for; no socket is opened."""
    (tmp_path / "secret").write_text("s", encoding="ascii")
    from devicelab.certificates import ROOT, make_push_files

    make_push_files(tmp_path)
    world = World(
        folder=str(tmp_path), people_url="http://localhost:1", device_url="https://localhost:2",
        gate_url="http://localhost:3", trust_file=str(tmp_path / ROOT),
        clock_offset_file=str(tmp_path / "clock-offset"), proxy_secret_file=str(tmp_path / "secret"),
        control_port=4, control_token="c" * 32, apns_port=5, smtp_port=6, page_port=PORT, ehr_http_port=7,
        ehr_https_port=8, lost_code="abc", zone="America/New_York",
        people=(PersonSpec(name="Ben Sample", email="ben@example.org"),),
    )  # fmt: skip
    made = Lab(world)
    clock.write_offset(tmp_path / "clock-offset", 0)
    clock.set_offset_file(tmp_path / "clock-offset")
    phone = made.add_phone(PhoneSpec(name=BEN, serial="F2LX0001", person="Ben Sample"))
    phone.state.management = Management(
        identity=Identity(b"", None),  # type: ignore[arg-type]
        topic="t", server_url="", check_in_url="", access_rights=0, profile_identifier="p",
        push_token=PUSH_TOKEN, push_magic="MAGIC",
    )  # fmt: skip
    yield made
    clock.set_offset_file(None)


def ask(lab: Lab, method: str, path: str, **given: Any) -> httpx.Response:
    """One request to the page, through ASGI."""

    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=page_app(lab, PORT, TOKEN))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
            return await client.request(method, path, **given)

    return asyncio.run(run())


def test_the_page_says_what_it_is_and_forbids_everything_foreign(lab: Lab) -> None:
    answer = ask(lab, "GET", "/")
    assert answer.status_code == 200
    assert "Device lab — simulated phones, not a real clinic" in answer.text
    assert f'content="{TOKEN}"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["cache-control"] == "no-store"


def test_every_file_of_the_page_is_its_own_and_every_word_of_the_tutorial_is_on_it(lab: Lab) -> None:
    for name in SERVED:
        assert ask(lab, "GET", f"/static/{name}").status_code == 200
        assert "//" not in "".join(
            line for line in (STATIC / name).read_text(encoding="utf-8").splitlines() if "src=" in line
        )
    whole = "".join((STATIC / name).read_text(encoding="utf-8") for name in (*SERVED, "index.html"))
    tutorial = (Path(__file__).parents[2] / "docs/tutorial/first-hour.md").read_text(encoding="utf-8")
    for label in (
        "Set a passcode", "Open the records", "Check this phone now", "Lose a phone", "Leave it somewhere",
        "Open the report page", "Let a day pass", "Mail",
    ):  # fmt: skip
        assert label in whole
        assert f"**{label}**" in " ".join(tutorial.split())


def test_the_tokens_are_the_products_own(lab: Lab) -> None:
    product = Path(pocketward.web.__file__).parent / "static/pw/tokens.css"
    assert (STATIC / "tokens.css").read_bytes() == product.read_bytes()


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"lab-page-token": ""}, 403, "token"),
        ({"lab-page-token": "guessed"}, 403, "token"),
        ({"origin": ""}, 403, "Another page"),
        ({"origin": "null"}, 403, "Another page"),
        ({"origin": "https://evil.example"}, 403, "Another page"),
        ({"origin": "http://localhost:8000"}, 403, "Another page"),
        ({"host": "evil.example"}, 421, "localhost only"),
        ({"host": "localhost:9999", "origin": "http://localhost:9999"}, 421, "localhost only"),
    ],
)
def test_another_site_cannot_press_a_button(lab: Lab, change: dict[str, str], status: int, says: str) -> None:
    address = f"/phones/{BEN}/remove-passcode"
    refused = ask(lab, "POST", address, headers=GOOD | change, json={})
    assert refused.status_code == status
    assert says in refused.json()["error"]
    assert lab.phones[BEN].state.passcode
    assert ask(lab, "POST", address, headers=GOOD, json={}).status_code == 200
    assert not lab.phones[BEN].state.passcode


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_post_changes_anything(lab: Lab, method: str) -> None:
    answer = ask(lab, method, f"/phones/{BEN}/remove-passcode", headers=GOOD)
    assert answer.status_code in (404, 405)
    assert lab.phones[BEN].state.passcode


def test_another_site_cannot_read_the_state(lab: Lab) -> None:
    assert (
        ask(lab, "GET", "/state", headers={"host": HOST, "sec-fetch-site": "cross-site"}).status_code == 403
    )
    assert ask(lab, "GET", "/state", headers={"host": "rebound.example"}).status_code == 421


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (f"/phones/{BEN}/explode", "A phone has no button called explode."),
        ("/phones/Nobody's iPhone/lock", "There is no phone called Nobody's iPhone."),
        ("/lab/explode", "This lab has no button called explode."),
        ("/elsewhere", "There is no such button."),
    ],
)
def test_an_unknown_button_says_so(lab: Lab, path: str, says: str) -> None:
    answer = ask(lab, "POST", path, headers=GOOD, json={})
    assert answer.status_code == 404
    assert answer.json()["error"] == says


def test_a_body_that_is_no_json_or_too_large_is_refused(lab: Lab) -> None:
    assert ask(lab, "POST", "/lab/day", headers=GOOD, content=b"{").status_code == 400
    assert ask(lab, "POST", "/lab/day", headers=GOOD, content=b"x" * 70_000).status_code == 413


def test_the_state_names_the_phones_and_holds_no_secret(lab: Lab) -> None:
    lab.push.register(PUSH_TOKEN, lambda magic: None)
    lab.tokens[PUSH_TOKEN.hex()] = BEN
    headers = {"apns-topic": "t", "apns-push-type": "mdm"}
    lab.push.take("t", f"/3/device/{PUSH_TOKEN.hex()}", headers, b'{"mdm":"MAGIC"}')
    answer = ask(lab, "GET", "/state")
    shown = answer.json()["lab"]
    assert shown["phones"][0]["name"] == BEN
    assert shown["push"][0]["phone"] == BEN
    assert shown["lost_url"] == "http://localhost:1/l/abc"
    for secret in (PUSH_TOKEN.hex(), "MAGIC", "c" * 32):
        assert secret not in answer.text
    version = answer.json()["version"]
    assert ask(lab, "GET", f"/state?seen={version}").status_code == 204


def test_the_page_is_told_the_clinics_zone(lab: Lab) -> None:
    assert ask(lab, "GET", "/state").json()["lab"]["zone"] == "America/New_York"


def test_a_day_and_an_hour_pass_on_the_clinics_clock(lab: Lab) -> None:
    assert ask(lab, "POST", "/lab/day", headers=GOOD, json={}).json()["done"] == "A day has passed."
    assert ask(lab, "POST", "/lab/hour", headers=GOOD, json={}).status_code == 200
    assert abs((clock.now() - clock.true_now()).total_seconds() - 25 * 3600) < 5


def test_a_lost_phone_is_locked_and_in_a_strangers_hands_until_it_is_found(lab: Lab) -> None:
    done = ask(lab, "POST", f"/phones/{BEN}/lose", headers=GOOD, json={}).json()["done"]
    assert done == "Ben's iPhone is in a stranger's hands. Nobody has reported it yet."
    shown = ask(lab, "GET", "/state").json()["lab"]["phones"][0]
    assert (shown["holder"], shown["locked"]) == ("a stranger", True)
    refused = ask(lab, "POST", f"/phones/{BEN}/open-records", headers=GOOD, json={})
    assert refused.json()["error"] == "Ben's iPhone is locked. Unlock it first."
    ask(lab, "POST", f"/phones/{BEN}/find", headers=GOOD, json={})
    assert ask(lab, "GET", "/state").json()["lab"]["phones"][0]["holder"] == ""


def test_a_button_that_cannot_work_now_says_why(lab: Lab) -> None:
    ask(lab, "POST", f"/phones/{BEN}/go-offline", headers=GOOD, json={})
    refused = ask(lab, "POST", f"/phones/{BEN}/check-in", headers=GOOD, json={})
    assert (refused.status_code, refused.json()["error"]) == (
        409,
        "Ben's iPhone is offline. Bring it online first.",
    )
    wrong = ask(lab, "POST", f"/phones/{BEN}/enroll", headers=GOOD, json={"url": "https://evil.example/x"})
    assert wrong.status_code == 400
    unknown = ask(lab, "POST", f"/phones/{BEN}/misbehave", headers=GOOD, json={"fault": "__class__"})
    assert unknown.json()["error"] == "There is no fault called __class__."
