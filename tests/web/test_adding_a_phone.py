"""A joining code is made once by one form and shown once; a replacement begins as the lost phone was."""

from __future__ import annotations

import re

import pytest
from django.core.signing import Signer
from django.test import Client

from pocketward.fleet import api as fleet_api
from pocketward.fleet import joining
from pocketward.kernel.ids import parse_public_id, public_id
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.spine.api import run_due
from pocketward.web.phones.suggesting import next_name
from tests.web.clinic import Clinic

ADDRESS = re.compile(r"/device/prac_[0-9a-z]+/enroll/([0-9a-z]+)")


def add(practice: PracticeRecord, query: str = "") -> str:
    return f"/p/{practice.slug}/phones/add/{query}"


def fields(html: str) -> dict[str, str]:
    """What the form would send as it stands."""
    form = html.split('<form class="pw-card form"', 1)[1].split("</form>", 1)[0]
    found = dict(re.findall(r'<input [^>]*?name="(number|case|label)" value="([^"]*)"', form))
    found |= dict(re.findall(r'name="(ownership|kind)" value="([a-z]+)" checked', form))
    return found | {"member": "".join(re.findall(r'value="([^"]*)" selected', form))}


def made(practice: PracticeRecord) -> list[str]:
    return [row.label for row in fleet_api.enrollments(practice_id=practice.id)]


def join(practice: PracticeRecord, serial: str) -> None:
    """A phone joins with the code that waits."""
    number = next(row.id for row in fleet_api.enrollments(practice_id=practice.id) if row.state == "ticket")
    topic = "com.apple.mgmt.External.test"
    joining.authenticate(
        enrollment_id=number, fingerprint=f"{serial:0>64}".lower(), udid=f"0000-{serial}", serial=serial,
        product_name="iPhone15,4", topic=topic,
    )  # fmt: skip
    joining.update_token(
        enrollment_id=number, token=b"\x01" * 32, push_magic="magic", unlock_token=None, topic=topic
    )
    while run_due():
        pass


def test_the_form_leads_to_the_codes_own_page_and_the_code_stands_there_once(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    form = fields(owners_browser.get(add(practice)).content.decode()) | {"label": "Ana’s iPhone"}
    answer = owners_browser.post(add(practice), form)
    assert answer.status_code == 302
    place = answer["Location"]
    assert place == add(practice, f"{form['number'].partition(':')[0]}/")
    page = owners_browser.get(place).content.decode()
    secret = ADDRESS.search(page)
    assert secret is not None
    assert fleet_api.enrollments(practice_id=practice.id)[0].id == parse_public_id(
        "enr", form["number"].partition(":")[0]
    )
    again = owners_browser.get(place).content.decode()
    assert (ADDRESS.search(again), "The code is shown once" in again) == (None, True)


def test_a_name_that_no_page_shows_whole_is_refused_and_stays_in_its_field(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    form = {"label": "Ward " + "x" * 76, "ownership": "practice", "kind": "iphone", "member": ""}
    refused = owners_browser.post(f"/p/{practice.slug}/phones/add/", form)
    assert refused.status_code == 400
    html = refused.content.decode()
    assert '<a href="#label">The name is too long: at most 80 letters.' in html
    assert f'value="{form["label"]}"' in html
    assert fleet_api.enrollments(practice_id=practice.id) == ()
    taken = owners_browser.post(f"/p/{practice.slug}/phones/add/", form | {"label": form["label"][:80]})
    assert taken.status_code == 302


def test_the_code_waits_sealed_in_the_session(practice: PracticeRecord, owners_browser: Client) -> None:
    place = owners_browser.post(add(practice), {"label": "One", "ownership": "practice", "kind": "ipad"})
    kept = str(dict(owners_browser.session.items()))
    page = owners_browser.get(place["Location"]).content.decode()
    secret = ADDRESS.search(page)
    assert secret is not None
    assert "one_showing" in kept
    assert secret[1] not in kept


def test_the_same_form_sent_twice_makes_one_code_and_another_wish_makes_its_own(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    form = fields(owners_browser.get(add(practice)).content.decode()) | {"label": "Ana’s iPhone"}
    first, second = (owners_browser.post(add(practice), form)["Location"] for _ in range(2))
    assert (first, made(practice)) == (second, ["Ana’s iPhone"])
    assert ADDRESS.search(owners_browser.get(second).content.decode())
    other = owners_browser.post(add(practice), form | {"label": "Luis’s iPhone"})["Location"]
    assert (other == first, sorted(made(practice))) == (False, ["Ana’s iPhone", "Luis’s iPhone"])
    assert ADDRESS.search(owners_browser.get(other).content.decode())


def test_a_code_that_is_gone_is_made_anew_without_typing(
    practice: PracticeRecord, clinician: Member, owners_browser: Client
) -> None:
    member = public_id("mem", clinician.id)
    form = {"label": "Ben’s iPad", "kind": "ipad", "ownership": "personal", "member": member}
    place = owners_browser.post(add(practice), form)["Location"]
    owners_browser.get(place)
    link = re.search(r'href="([^"]+)">Make another code', owners_browser.get(place).content.decode())
    assert link
    filled = fields(owners_browser.get(link[1]).content.decode())
    assert {name: filled[name] for name in form} == form


@pytest.mark.parametrize("shared", [True, False], ids=["tablet", "phone"])
def test_a_replacement_begins_as_the_lost_phone_was_and_its_joining_ends_the_step(
    practice: PracticeRecord, owner: Member, clinician: Member, owners_browser: Client, shared: bool
) -> None:
    clinic = Clinic(practice)
    kind, said = ("ipad", "Rounds iPad 4") if shared else ("iphone", "Ben Sample")
    label = "Rounds iPad 4" if shared else "Ben’s iPhone"
    clinic.report(clinic.phone(label, member=None if shared else clinician, kind=kind))
    case = clinic.lose(said)
    while run_due():
        pass
    page = owners_browser.get(f"/p/{practice.slug}/incidents/{case}/").content.decode()
    link = re.search(r'href="([^"]+)"[^>]*>Add its replacement', page)
    assert link
    filled = fields(owners_browser.get(link[1]).content.decode())
    suggested = "Rounds iPad 5" if shared else "Ben’s iPhone 2"
    whose = "" if shared else public_id("mem", clinician.id)
    assert (filled["label"], filled["kind"], filled["member"]) == (suggested, kind, whose)
    # Given to somebody else than who lost the old one: the case is what ties it.
    if not shared:
        filled["member"] = public_id("mem", owner.id)
    place = owners_browser.post(link[1], filled)["Location"]
    assert ADDRESS.search(owners_browser.get(place).content.decode())
    join(practice, "F2LX0777")
    steps = {step.step: step for step in response_api.steps(practice_id=practice.id, case_ref=case)}
    assert (steps["replace"].state, suggested in steps["replace"].receipt) == ("done", True)


def test_a_case_that_is_not_ours_fills_nothing_and_ties_nothing(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    filled = fields(owners_browser.get(add(practice, "?case=C-2026-0099")).content.decode())
    assert (filled["label"], "case" in filled) == ("", False)
    owners_browser.post(add(practice), filled | {"label": "One", "case": "C-2026-0099"})
    assert fleet_api.enrollments(practice_id=practice.id)[0].for_case == ""
    for wrong in ("?again=enr_1", "?again=enr_00000000000000000000000000", "?again="):
        assert fields(owners_browser.get(add(practice, wrong)).content.decode())["label"] == ""


@pytest.mark.parametrize(
    ("label", "taken", "next_one"),
    [
        ("Ben’s iPhone", {"Ben’s iPhone"}, "Ben’s iPhone 2"),
        ("Ben’s iPhone", {"Ben’s iPhone 2"}, "Ben’s iPhone 3"),
        ("Ben’s iPhone 16", set(), "Ben’s iPhone 2"),
        ("Rounds iPad 4", {"Rounds iPad 5"}, "Rounds iPad 6"),
        ("P" * 80, set(), f"{'P' * 55} 2"),
    ],
)  # fmt: skip
def test_a_name_is_counted_on_to_the_next_that_nothing_bears(
    label: str, taken: set[str], next_one: str
) -> None:
    assert next_name(label, taken) == next_one


def test_a_number_that_no_form_of_this_practice_drew_is_not_taken(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    given = fields(owners_browser.get(add(practice)).content.decode())["number"]
    number, _, proof = given.partition(":")
    foreign = Signer(salt="ticket:another practice").sign(number)
    for sent in (number, f"{number}:{proof[::-1]}", foreign, "enr_1:x", "x" * 500):
        form = {"label": "One", "ownership": "practice", "kind": "ipad", "number": sent}
        answer = owners_browser.post(add(practice), form)
        assert answer.status_code == 302
        assert answer["Location"] != add(practice, f"{number}/")
    assert len(made(practice)) == 5
