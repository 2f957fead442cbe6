"""The whole story over real sockets: a phone enrolls, opens records, is lost, contained, erased."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person

BEN, ANA = "Ben's iPhone", "Ana's iPhone"


@pytest.fixture(scope="module")
def ben(clinic: Clinic) -> Person:
    """Ben, who has joined with a passkey and signed in to the records on his phone."""
    wait_for(lambda: posture(clinic, BEN) == "compliant", "Ben's phone to be compliant")
    person = Person(clinic, "Ben Sample")
    person.join()
    return person


def posture(clinic: Clinic, label: str) -> str:
    rows = clinic.read(
        "SELECT p.posture FROM posture_deviceposture p JOIN fleet_device d ON d.id = p.device_id "
        "WHERE d.label = ?",
        label,
    )
    return str(rows[0][0]) if rows else ""


def test_a_phone_enrolls_over_tls_and_its_state_is_known(clinic: Clinic) -> None:
    wait_for(lambda: posture(clinic, BEN) == "compliant", "Ben's phone to be compliant")
    phone = clinic.phone(BEN)
    assert phone["enrolled"]
    assert phone["has_access_identity"]
    assert phone["schema_faults"] == []
    assert phone["managed_apps"] == {"org.example.harbor-records": "Managed"}
    assert wait_for(lambda: clinic.sealed("fleet.device_enrolled"), "the enrollment to be sealed")


def test_records_open_on_a_healthy_phone_and_not_on_one_without_a_passcode(
    clinic: Clinic, ben: Person
) -> None:
    ben.sign_in_to_records(BEN)
    opened = clinic.act(BEN, "open", path="/notes", cookie=ben.cookie)
    assert opened["status"] == 200, opened
    assert "Pretend records" in opened["text"]
    wait_for(lambda: posture(clinic, ANA) == "not-compliant", "Ana's phone to fail its check")
    ana = Person(clinic, "Ana Model")
    ana.join()
    ana.sign_in_to_records(ANA)
    refused = clinic.act(ANA, "open", path="/notes", cookie=ana.cookie)
    assert refused["status"] == 302
    assert "/refused/dec_" in refused["location"]
    assert wait_for(lambda: clinic.sealed("access.gate_session_started"), "the sign-ins to be sealed")


def test_a_loss_report_closes_records_at_once_and_the_phone_locks(clinic: Clinic, ben: Person) -> None:
    assert clinic.act(BEN, "open", path="/notes", cookie=ben.cookie)["status"] == 200
    people_url, code = clinic.world["people_url"], clinic.world["lost_code"]
    with httpx.Client(base_url=people_url) as stranger:
        page = stranger.get(f"/l/{code}")
        assert "set-cookie" not in page.headers
        assert len(page.content) < 50_000
        started = time.monotonic()
        answer = stranger.post(
            f"/l/{code}", data={"who": "ben sample", "when": "now", "callback": "555-0100"}
        )
        assert answer.status_code == 200, answer.text[:500]
        assert "Nothing is erased" in answer.text
        assert time.monotonic() - started >= 1.0
    closed = clinic.act(BEN, "open", path="/notes", cookie=ben.cookie)
    assert closed["status"] == 302
    locked = wait_for(lambda: clinic.phone(BEN)["lost_mode"], "the phone to be in lost mode")
    assert "lost" in locked["Message"]
    (report,) = wait_for(lambda: clinic.sealed("response.loss_reported"), "the report to be sealed")
    assert report["outcome"] == "closed"
    assert wait_for(lambda: clinic.sealed("access.hold_placed"), "the hold to be sealed")
    assert wait_for(lambda: clinic.sealed("pki.certificate_held"), "the certificate's hold to be sealed")
    assert wait_for(lambda: clinic.sealed("incidents.case_opened"), "the case")
    steps = wait_for(
        lambda: [item for item in clinic.sealed("response.step_advanced") if item["step"] == "lock"
                 and item["state"] == "done"],
        "the lock to be acknowledged",
    )  # fmt: skip
    assert "acknowledged" in steps[0]["receipt"]
    assert wait_for(lambda: clinic.lab("/mail"), "an officer's mail")
    assert all("Ben" not in mail["text"] + mail["subject"] for mail in clinic.lab("/mail"))


def test_the_ledger_of_the_whole_story_verifies(clinic: Clinic) -> None:
    done = clinic.command("ledger", "verify", "--demo")
    assert done.returncode == 0, done.stdout + done.stderr
