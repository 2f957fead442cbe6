"""Rules reach phones: required apps are sent, followed and brought up to date; passcodes become longer."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person
from tests.journeys.test_health import of_phone, posture

BEN, APP = "Ben's iPhone", "org.example.harbor-records"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A demo clinic with one phone."""
    running = Clinic(tmp_path_factory.mktemp("rules") / "home", "--phones", BEN)
    try:
        yield running
    finally:
        running.stop()


def test_the_push_certificate_is_proven_by_a_command_and_a_wrong_one_is_refused_in_words(
    clinic: Clinic,
) -> None:
    proven = clinic.command("push", "test")
    assert proven.returncode == 0, proven.stderr
    assert proven.stdout.strip() == "Harbor Street Clinic: Apple accepts this push certificate."
    # Apple takes the certificate and knows no such topic, or such a certificate no more.
    for status, reason in ((400, "TopicDisallowed"), (403, "BadCertificate")):
        clinic.lab("/push", refuse_with=[status, reason])
        refused = clinic.command("push", "test")
        assert refused.returncode == 1, refused.stdout
        said = f"Harbor Street Clinic: Apple refuses this push certificate. ({reason})"
        assert refused.stdout.strip() == said
    clinic.lab("/push", refuse_with=[503, "ServiceUnavailable"])
    later = clinic.command("push", "test")
    assert (later.returncode, "try again later" in later.stdout) == (1, True)
    clinic.lab("/push", refuse_with=[])
    assert clinic.command("push", "test").returncode == 0


@pytest.fixture(scope="module")
def dana(clinic: Clinic) -> Iterator[Person]:
    made = Person(clinic, "Dana Example")
    made.join()
    yield made
    made.browser.close()


@pytest.fixture(scope="module")
def ben(clinic: Clinic) -> Iterator[Person]:
    wait_for(lambda: posture(clinic, BEN) == "compliant", "Ben's phone to be compliant")
    made = Person(clinic, "Ben Sample")
    made.join()
    yield made
    made.browser.close()


def let_pass(clinic: Clinic, seconds: int) -> None:
    """Time passes; what waits for it is done now."""
    let_pass.total += seconds  # type: ignore[attr-defined]
    assert clinic.command("demo", "clock", str(let_pass.total)).returncode == 0  # type: ignore[attr-defined]


let_pass.total = 0  # type: ignore[attr-defined]


def both_say(dana: Person, ben: Person, word: str) -> bool:
    """Whether the phone's page and its holder's own page say that the app is so far."""
    page = html.unescape(dana.browser.get(phone_place(dana)).text)
    mine = html.unescape(ben.browser.get(f"/p/{ben.slug}/me/phone/").text)
    rung = word == "Managed" or f'<li class="up"><b>{word}</b>' in page
    return (
        rung
        and bool(re.search(rf'<b>Harbor Records[^<]*</b> <span class="muted small">{word}\b', page))
        and bool(re.search(rf"<b>Harbor Records[^<]*: {word}</b>", mine))
    )


@pytest.mark.acceptance("S132")
def test_a_required_app_is_installed_by_itself_verified_and_found_in_the_ledger(
    clinic: Clinic, ben: Person, dana: Person
) -> None:
    assert clinic.phone(BEN)["managed_apps"] == {"org.example.harbor-records": "Managed"}
    installs = [
        item
        for item in clinic.sealed("fleet.command_proof_advanced")
        if item["request_type"] == "InstallApplication" and item["proof"] == "acknowledged"
    ]
    assert installs
    app = "org.example.harbor-records"
    (came,) = [item for item in of_phone(clinic, BEN, "fleet.apps_changed") if app in str(item["installed"])]
    assert came["ownership"] == "practice"
    # Looked up by the app's name, among what happened to apps on phones.
    found = html.unescape(dana.browser.get(f"/p/{dana.slug}/proof/ledger/?kind=apps&q={app}").text)
    assert re.search(rf"<b>{BEN}</b> told of its apps: installed [^<]*Harbor-Records 1\.0", found), found[
        -4000:
    ]
    none = dana.browser.get(f"/p/{dana.slug}/proof/ledger/?kind=apps&q=org.example.never-there").text
    assert "No entry fits this." in none


@pytest.mark.acceptance("S73")
@pytest.mark.acceptance("S66", part="install")
def test_an_app_that_was_deleted_is_sent_again_and_its_way_is_shown_until_it_is_there(
    clinic: Clinic, dana: Person, ben: Person
) -> None:
    wait_for(lambda: both_say(dana, ben, "Managed"), "the app of the first day to be there")
    # The store is slow: each step lasts until both pages have been read.
    clinic.act(BEN, "fault", app_stays="Queued")
    clinic.act(BEN, "delete_app", app=APP)
    check_again(ben)
    wait_for(lambda: posture(clinic, BEN) == "not-compliant", "the missing app to close records")
    assert "It was deleted on the phone. It is sent again." in dana.browser.get(phone_place(dana)).text

    def is_at(word: str) -> bool:
        """The phone is asked again and again, ever more seldom: time passes until it says so."""
        if both_say(dana, ben, word):
            return True
        let_pass(clinic, 600)
        return False

    for word, stays in (("Queued", "Installing"), ("Installing", ""), ("Managed", "")):
        wait_for(lambda word=word: is_at(word), f"both pages to say {word}", 120)
        clinic.act(BEN, "fault", app_stays=stays)
    wait_for(lambda: posture(clinic, BEN) == "compliant", "the phone to be compliant again", 60)
    assert clinic.phone(BEN)["managed_apps"] == {APP: "Managed"}
    sent = wait_for(
        lambda: (got := [
            item for item in clinic.sealed("fleet.command_proof_advanced")
            if item["request_type"] == "InstallApplication" and item["proof"] == "acknowledged"
        ])[1:] and got,
        "both orders to be sealed",
    )  # fmt: skip
    assert len(sent) == 2
    changes = clinic.sealed("fleet.apps_changed")
    assert [bool(item["installed"]) for item in changes if APP in str(item)] == [True, False, True]


@pytest.mark.acceptance("S73")
def test_an_app_that_is_too_old_closes_records_says_which_version_is_needed_and_is_brought_up_to_date(
    clinic: Clinic, ben: Person
) -> None:
    ben.sign_in(f"/p/{ben.slug}/me/")
    ben.sign_in_to_records(BEN)
    wait_for(
        lambda: clinic.act(BEN, "open", path="/notes", cookie=ben.cookie)["status"] == 200, "records to open"
    )
    clinic.act(BEN, "set", app_versions={APP: "0.9.10"})
    check_again(ben)
    refused = wait_for(
        lambda: (got := clinic.act(BEN, "open", path="/notes", cookie=ben.cookie))["status"] == 302 and got,
        "the old version to close records",
    )
    needed = "Harbor Records 1.0 or newer"
    assert needed in html.unescape(ben.browser.get(refused["location"]).text)
    assert needed in html.unescape(ben.browser.get(f"/p/{ben.slug}/me/phone/").text)
    fix = f"/p/{ben.slug}/me/fix/required_apps/"
    assert f"Wait until {needed} is there." in html.unescape(ben.browser.get(fix).text)
    spanish = html.unescape(ben.browser.get(fix, params={"lang": "es"}).text)
    assert "Espere a que aparezca Harbor Records 1.0 o más nueva." in spanish
    (found,) = wait_for(
        lambda: [
            check
            for item in clinic.sealed("posture.posture_changed")
            for check in item["checks"]
            if check["code"] == "app_too_old"
        ],
        "the verdict to be sealed",
    )
    assert found["value"] == "Harbor Records 1.0"

    def is_new() -> bool:
        let_pass(clinic, 120)
        return posture(clinic, BEN) == "compliant"

    wait_for(is_new, "the newest version to be there", 60)
    assert clinic.act(BEN, "open", path="/notes", cookie=ben.cookie)["status"] == 200


def check_again(who: Person) -> None:
    """Press "check again" on one's own page."""
    answer = who.post(who.browser.get(f"/p/{who.slug}/me/phone/"), f"/p/{who.slug}/me/phone/check/")
    assert answer.status_code == 200, answer.text[:500]


def test_a_longer_passcode_reaches_the_phone_which_fails_until_its_holder_changes_it(
    clinic: Clinic, dana: Person
) -> None:
    wait_for(lambda: posture(clinic, BEN) == "compliant", "Ben's phone to be compliant")
    assert clinic.phone(BEN)["required_length"] == 6
    place = f"/p/{dana.slug}/setup/rules/edit/"
    page = dana.browser.get(place)
    found = re.search(r"<textarea[^>]*name=\"text\"[^>]*>\n?(.*?)</textarea>", page.text, re.S)
    assert found
    text = html.unescape(found[1]).replace("min_length: 6", "min_length: 8")
    page = dana.post(page, place, text=text, do="look", based_on="1")
    assert "1 rule would change; 1 of 1 phone feels it." in page.text
    page = dana.post(page, place, text=text, do="keep", based_on="1", reason="the insurer asks for eight")
    assert "Version 2 of the rules is in force." in page.text
    wait_for(lambda: clinic.phone(BEN)["required_length"] == 8, "the new profile on the phone")
    clinic.act(BEN, "connect")
    wait_for(lambda: posture(clinic, BEN) == "not-compliant", "the phone to fail", 60)
    clinic.act(BEN, "set", passcode_length=8)
    dana.post(dana.browser.get(f"/p/{dana.slug}/phones/"), phone_place(dana) + "check/")
    wait_for(lambda: posture(clinic, BEN) == "compliant", "the phone to pass again", 60)
    (changed,) = [item for item in clinic.sealed("policy.policy_changed") if item["number"] == 2]
    assert changed["changed_rules"] == ["passcode"]
    assert changed["reason"] == "the insurer asks for eight"


def phone_place(dana: Person) -> str:
    """The address of the one phone's page."""
    page = dana.browser.get(f"/p/{dana.slug}/phones/").text
    found = re.search(rf"/p/{dana.slug}/phones/dev_[a-z0-9]+/", page)
    assert found
    return found[0]
