"""A stranger phone that is not enrolled; a personal phone that is lost; a report that was false."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person

CARLA, ANA, OMAR, LAPTOP = "Carla's iPhone", "Ana's iPhone", "Omar's new iPhone", "Library terminal"
TABLET = "Rounds iPad 1"


def person(clinic: Clinic, name: str) -> Iterator[Person]:
    made = Person(clinic, name)
    made.join()
    yield made
    made.browser.close()


@pytest.fixture(scope="module")
def dana(clinic: Clinic) -> Iterator[Person]:
    yield from person(clinic, "Dana Example")


@pytest.fixture(scope="module")
def erin(clinic: Clinic) -> Iterator[Person]:
    yield from person(clinic, "Erin Placeholder")


@pytest.fixture(scope="module")
def carla(clinic: Clinic) -> Iterator[Person]:
    wait_for(lambda: posture(clinic, CARLA) == "compliant", "Carla's phone to be compliant")
    yield from person(clinic, "Carla Specimen")


def posture(clinic: Clinic, label: str) -> str:
    rows = clinic.read(
        "SELECT p.posture FROM posture_deviceposture p JOIN fleet_device d ON d.id = p.device_id "
        "WHERE d.label = ?",
        label,
    )
    return str(rows[0][0]) if rows else ""


def report_lost(clinic: Clinic, who: str, code: str = "") -> str:
    """Report from a stranger's phone, with a colleague's code or without; the words of the answer."""
    with httpx.Client(base_url=clinic.world["people_url"], timeout=20) as stranger:
        answer = stranger.post(
            f"/l/{clinic.world['lost_code']}",
            data={"who": who, "when": "today", "callback": "555-0100", "code": code},
        )
    assert answer.status_code == 200
    return html.unescape(answer.text)


def reported(clinic: Clinic, who: str, name: str) -> str:
    """Report as a stranger does; the case of this very report of the person, once it is sealed."""

    def of_them() -> list[str]:
        found = clinic.sealed("response.loss_reported")
        return [str(item["case_ref"]) for item in found if item["member_name"] == name]

    before = len(of_them())
    report_lost(clinic, who)
    return str(wait_for(lambda: of_them()[before:], f"the report of {name}'s phone")[0])


@pytest.mark.acceptance("S2")
def test_a_phone_that_is_not_enrolled_is_refused_told_how_enrolls_and_gets_in(
    clinic: Clinic, dana: Person
) -> None:
    omar = Person(clinic, "Omar Template")
    omar.join()
    clinic.lab("/phones", name=OMAR, serial="F2LX0099")
    first = clinic.act(OMAR, "open", path="/notes")
    assert first["status"] == 302
    assert "/refused/" in first["location"]
    page = wait_for(
        lambda: (got := omar.browser.get(first["location"])).status_code == 200 and got, "the refusal's page"
    )
    told = html.unescape(page.text)
    assert "Records open only on devices that have joined the practice." in told
    assert "They make it under Phones, Add a phone." in told
    assert "/phones/add/" not in told
    made = wait_for(
        lambda: [item for item in clinic.sealed("access.decision_made") if item["client"] == "unenrolled"],
        "the refusal to be sealed",
    )
    assert made[-1]["outcome"] == "refuse"
    # Whoever may add a phone reads the same page, with the way there.
    link = re.search(
        r'<a class="btn go" href="([^"]+)">.*?Add this phone', dana.browser.get(first["location"]).text
    )
    assert link
    add = dana.browser.get(link[1])
    member = re.search(r'<option value="(mem_[0-9a-z]+)"[^>]*>\s*Omar Template', add.text)
    assert member
    ticket = dana.post(add, link[1], label=OMAR, kind="iphone", ownership="personal", member=member[1])
    address = re.search(r"https://localhost:\d+/device/prac_[0-9a-z]+/enroll/[0-9a-z]+", ticket.text)
    assert address, ticket.text[:2000]
    clinic.act(OMAR, "enroll", url=address[0])
    wait_for(lambda: posture(clinic, OMAR) == "compliant", "Omar's phone to be compliant", 60)
    omar.sign_in_to_records(OMAR)
    assert clinic.act(OMAR, "open", path="/notes", cookie=omar.cookie)["status"] == 200
    omar.browser.close()


@pytest.mark.acceptance("S2")
def test_a_device_that_never_joined_opens_one_app_by_a_permit_from_one_network_and_is_shown_as_not_checked(
    clinic: Clinic, dana: Person
) -> None:
    luis = Person(clinic, "Luis Muestra")
    luis.join()
    clinic.lab("/phones", name=LAPTOP, serial="C02X0001", kind="ipad")
    refused = clinic.act(LAPTOP, "open", path="/notes")
    assert "/refused/" in refused["location"]
    place = f"/p/{dana.slug}/setup/networks/"
    dana.post(dana.browser.get(place), place, zone="library", cidrs="127.0.0.0/8")
    wait_for(lambda: clinic.sealed("access.network_named"), "the network's name to be sealed")
    # The name of a network alone lets nobody in.
    assert "/refused/" in clinic.act(LAPTOP, "open", path="/notes")["location"]
    give_a_permit(clinic, dana, place)
    opens_as_not_checked(clinic, dana, luis)
    end_the_permit(clinic, dana, luis, place)
    luis.browser.close()


def give_a_permit(clinic: Clinic, dana: Person, place: str) -> None:
    """Let the devices of that network open Harbor Records until the day that the page proposes."""
    page = dana.browser.get(place)
    app = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>\s*Harbor Records', page.text)
    assert app, page.text[:3000]
    until = re.search(r'name="until"[^>]*value="([^"]+)"', page.text)
    assert until
    given = dana.post(
        page, f"{place}permit/", app=app[1], network="library", until=until[1],
        reason="the library's terminal",
    )  # fmt: skip
    assert "It is shown as “not checked” wherever it counts." in html.unescape(given.text)
    (permit,) = wait_for(lambda: clinic.sealed("access.permit_given"), "the permit to be sealed")
    assert (permit["network"], permit["actor"]) == ("library", f"member:{dana.member_id}")


def opens_as_not_checked(clinic: Clinic, dana: Person, luis: Person) -> None:
    """It is asked who is there, the passkey opens what the role allows, and officers read "not checked"."""
    asked = wait_for(
        lambda: "/open/" in (got := clinic.act(LAPTOP, "open", path="/notes"))["location"] and got,
        "the permit to count",
        10,
    )
    assert asked["status"] == 302
    luis.sign_in_to_records(LAPTOP)
    assert clinic.act(LAPTOP, "open", path="/notes", cookie=luis.cookie)["status"] == 200
    (made,) = wait_for(
        lambda: [
            item
            for item in clinic.sealed("access.decision_made")
            if (item["client"], item["outcome"]) == ("unenrolled", "allow")
        ],
        "the opening to be sealed",
    )
    assert made["member_id"] == luis.member_id
    told = html.unescape(dana.browser.get(f"/p/{dana.slug}/decisions/{made['decision']}/").text)
    assert "Opened. This device is not checked." in told or "not checked" in told, told[:3000]
    assert re.search(r"Not checked: devices on library open Harbor Records until ", home_of(dana))
    records = html.unescape(dana.browser.get(f"/p/{dana.slug}/setup/records/").text)
    assert re.search(
        r"<b>\d+ answers? went to (a device that is|devices that are) not checked\.</b>", records
    )


def end_the_permit(clinic: Clinic, dana: Person, luis: Person, place: str) -> None:
    """Taken away, the next request is refused, whoever is signed in."""
    end = re.search(rf"{place}permit/[0-9a-f-]+/end/", dana.browser.get(place).text)
    assert end
    dana.post(dana.browser.get(place), end[0])
    wait_for(
        lambda: "/refused/" in clinic.act(LAPTOP, "open", path="/notes", cookie=luis.cookie)["location"],
        "the laptop to be refused",
        10,
    )
    assert wait_for(lambda: clinic.sealed("access.permit_ended"), "the end to be sealed")
    assert "Not checked: devices on" not in home_of(dana)


def home_of(officer: Person) -> str:
    return html.unescape(officer.browser.get(f"/p/{officer.slug}/").text)


@pytest.mark.acceptance("S160")
def test_a_false_report_is_reversed_in_one_action(
    clinic: Clinic, dana: Person, erin: Person, carla: Person
) -> None:
    carla.sign_in_to_records(CARLA, path="/calendar")
    assert opens(clinic, carla) == 200
    before = len(clinic.sealed("access.gate_session_ended"))
    # The same words for somebody and for nobody, but for the minute in which each was sent.
    said = {who: report_lost(clinic, who).replace(who, "…") for who in ("Carla Specimen", "Nobody At All")}
    assert len({re.sub(r"\b\d{1,2}:\d\d\b", "", words) for words in said.values()}) == 1
    (hold,) = wait_for(lambda: clinic.sealed("access.hold_placed"), "the hold to be sealed")
    assert opens(clinic, carla) == 302
    ended = wait_for(lambda: clinic.sealed("access.gate_session_ended")[before:], "her session to be ended")
    assert {item["member_id"] for item in ended} == {carla.member_id}
    held = hold["case_ref"]
    base = f"/p/{dana.slug}/incidents/{held}/"
    assert base in dana.browser.get(f"/p/{dana.slug}/incidents/").text
    page = dana.browser.get(base)
    answer = dana.post(page, f"{base}reverse/")
    assert answer.status_code == 200, answer.text[:500]
    assert wait_for(lambda: clinic.sealed("access.hold_lifted"), "the lifting to be sealed")
    (lifted,) = wait_for(lambda: clinic.sealed("response.loss_reversed"), "the reversal to be sealed")
    assert (lifted["case_ref"], lifted["how"], lifted["actor"]) == (
        held, "officer", f"member:{dana.member_id}"
    )  # fmt: skip
    (reported,) = [item for item in clinic.sealed("response.loss_reported") if item["case_ref"] == held]
    assert reported["outcome"] == "closed"
    assert not clinic.read("SELECT 1 FROM fleet_device WHERE lost_case_ref <> ''")
    # A colleague's code vouches: the report counts as proven, and its tablet is locked at once.
    page = erin.browser.get(f"/p/{erin.slug}/me/vouch/")
    made = re.search(r"(\d{4}) (\d{4})</p>", erin.post(page, f"/p/{erin.slug}/me/vouch/").text)
    assert made
    report_lost(clinic, TABLET, code="".join(made.groups()))
    (vouched,) = wait_for(
        lambda: [item for item in clinic.sealed("response.loss_reported") if item["vouched_by"]],
        "the vouched report to be sealed",
    )
    assert vouched["vouched_by"] == erin.member_id
    assert (vouched["outcome"], vouched["labels"]) == ("closed", [TABLET])
    wait_for(lambda: clinic.phone(TABLET)["lost_mode"], "the tablet to be locked")
    # The phone answers afresh and passes; the session that the report ended stays ended, a new one opens.
    assert opens(clinic, carla) == 302
    carla.sign_in(f"/p/{carla.slug}/me/")
    wait_for(lambda: signs_in(clinic, carla), "records to open again on Carla's phone")
    assert opens(clinic, carla) == 200


def opens(clinic: Clinic, carla: Person) -> int:
    """What the gate says to Carla's phone with her session: 200 opens, 302 refuses."""
    return int(clinic.act(CARLA, "open", path="/calendar", cookie=carla.cookie)["status"])


def signs_in(clinic: Clinic, carla: Person) -> bool:
    """Whether Carla gets a new session on her phone and opens the calendar with it."""
    try:
        carla.sign_in_to_records(CARLA, path="/calendar")
    except AssertionError:
        return False
    return opens(clinic, carla) == 200


@pytest.mark.acceptance("S163")
@pytest.mark.acceptance("S162", part="guard")
def test_a_lost_personal_phone_loses_its_work_data_and_nothing_else(
    clinic: Clinic, dana: Person, erin: Person, carla: Person
) -> None:
    carla.sign_in_to_records(CARLA, path="/calendar")
    own_apps = clinic.phone(CARLA)["own_apps"]
    assert own_apps
    assert clinic.phone(CARLA)["managed_apps"]
    case_ref = reported(clinic, "carla@example.org", carla.name)
    base = f"/p/{dana.slug}/incidents/{case_ref}/"
    wait_for(lambda: dana.browser.get(base).status_code == 200, "the case")
    assert not clinic.phone(CARLA)["locked"]
    dana.post(dana.browser.get(base), f"{base}confirm/")
    wait_for(lambda: clinic.phone(CARLA)["locked"], "Carla's phone to lock")
    page = dana.browser.get(base)
    assert f"{base}locate/" not in page.text
    assert "Only a supervised, practice-owned phone can be found. This one cannot." in page.text
    on_phone = phone_page(dana, CARLA)
    assert "Lock it" in on_phone.text
    assert not re.search(r"locat|Find it", on_phone.text)
    located = dana.post(page, f"{base}locate/", reason="to see whether it can be located")
    assert located.status_code == 400
    assert not clinic.read("SELECT 1 FROM fleet_command WHERE request_type = 'DeviceLocation'")
    # The same act for one that may be: offered under the notice, whose version is sealed with the reason.
    notice = re.search(r"Notice, version (\d+)", carla.sign_in(f"/p/{carla.slug}/me/held/").text)
    assert notice
    asked = locate_lost(clinic, dana, ("ben@example.org", "Ben Sample"))
    assert asked["notice_version"] == int(notice[1])
    # The ledger commits to the reason and says no word of it; the case's page shows it.
    assert len(asked["reason_commitment"]) == 64 and "to fetch it" not in str(asked)
    case_page = dana.browser.get(f"/p/{dana.slug}/incidents/{asked['case_ref']}/")
    assert "to fetch it from where it is" in case_page.text
    dana.post(dana.browser.get(base), f"{base}erase/", name=CARLA)
    assert not clinic.read("SELECT 1 FROM fleet_command WHERE request_type = 'EraseDevice'")
    ((command,),) = clinic.read("SELECT id FROM fleet_command WHERE purpose = 'remove_work_data'")
    erin.post(erin.browser.get(base), f"{base}approve/{UUID(str(command))}/")
    assert clinic.command("demo", "clock", "90").returncode == 0
    wait_for(lambda: not clinic.phone(CARLA)["enrolled"], "management to leave Carla's phone")
    phone = clinic.phone(CARLA)
    assert phone["managed_apps"] == {}
    assert (phone["own_apps"], phone["erased_times"]) == (own_apps, 0)
    assert wait_for(lambda: clinic.sealed("fleet.enrollment_checked_out"), "the leaving to be sealed")


def phone_page(dana: Person, label: str) -> httpx.Response:
    """The page with the acts on one phone."""
    listed = dana.browser.get(f"/p/{dana.slug}/phones/", params={"q": label})
    found = re.search(rf"/p/{dana.slug}/phones/dev_[0-9a-z]+/", listed.text)
    assert found, listed.text[:1500]
    return dana.browser.get(f"{found[0]}acts/")


def locate_lost(clinic: Clinic, dana: Person, who: tuple[str, str]) -> dict[str, Any]:
    """Report a supervised phone, confirm it, and ask where it is by the page's own form; what was sealed."""
    case_ref = reported(clinic, *who)
    base = f"/p/{dana.slug}/incidents/{case_ref}/"
    wait_for(lambda: dana.browser.get(base).status_code == 200, "the case")
    page = dana.post(dana.browser.get(base), f"{base}confirm/")
    assert f"{base}locate/" in page.text
    answer = dana.post(page, f"{base}locate/", reason="to fetch it from where it is")
    assert answer.status_code == 200, answer.text[:500]
    (asked,) = wait_for(lambda: clinic.sealed("response.location_asked"), "the asking to be sealed")
    assert asked["case_ref"] == case_ref
    return dict(asked)


@pytest.mark.acceptance("S164")
def test_an_order_that_no_phone_answers_stays_not_proven_and_is_chased(clinic: Clinic, dana: Person) -> None:
    clinic.act(ANA, "offline")
    # Two closings an hour are the limit for one network; more wait for an officer's tap.
    assert clinic.command("demo", "clock", str(2 * 3600)).returncode == 0
    case_ref = reported(clinic, "ana@example.org", "Ana Model")
    base = f"/p/{dana.slug}/incidents/{case_ref}/"
    page = dana.sign_in(base)
    assert dana.post(page, f"{base}confirm/").status_code == 200
    wait_for(
        lambda: clinic.read("SELECT 1 FROM spine_job WHERE kind = 'response.chase' AND state = 'ready'"),
        "the chase to be planned",
    )
    assert clinic.command("demo", "clock", str(4 * 3600)).returncode == 0
    chased = wait_for(
        lambda: [i for i in clinic.sealed("response.pushed_again") if i["case_ref"] == case_ref],
        "a further push to be sealed",
    )
    assert chased
    # Hours have passed: Dana's session is over.
    page = dana.sign_in(base)
    assert re.search(r"(requested|pushed),\s+not yet delivered", page.text), page.text
    mails = len(clinic.lab("/mail"))
    assert clinic.command("demo", "clock", str(76 * 3600)).returncode == 0
    asked = wait_for(
        lambda: [
            i
            for i in clinic.sealed("response.step_advanced")
            if i["case_ref"] == case_ref and "72 hours" in i["receipt"]
        ],
        "the officer to be asked to decide without",
    )
    assert asked
    # Somebody is called about it, by mail too: not only a line on a page.
    called = wait_for(
        lambda: [
            i
            for i in clinic.sealed("response.officer_alerted")
            if (i["case_ref"], i["reason"]) == (case_ref, "unproven")
        ],
        "an officer to be called",
    )
    assert called[0]["member_id"] == dana.member_id
    assert called[0]["mail"] == "queued"
    assert wait_for(lambda: len(clinic.lab("/mail")) > mails, "the call's mail")
