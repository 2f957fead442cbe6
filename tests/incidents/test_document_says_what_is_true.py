"""What the document says of an erase, of a lock and of a phone's every day is what came of them."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from pypdf import PdfReader

from pocketward.fleet import api as fleet_api
from pocketward.fleet import erase_ladder, joining, queue
from pocketward.fleet.apple import proofs
from pocketward.fleet.apple.rounds import ask
from pocketward.incidents import api as incidents_api
from pocketward.kernel import clock
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.spine.api import unit_of_work
from pocketward.web.phones.models import model_words
from tests.response.conftest import answer, command, confirm, drain, later, reverse
from tests.web.clinic import Clinic


def text_of(case_ref: str) -> str:
    """The document's words, on one line."""
    case = incidents_api.get_case(case_ref=case_ref)
    data = incidents_api.incident_pdf(case, ledger="", model=model_words)
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


def test_an_erase_that_only_waits_or_was_called_off_is_headed_as_asked_for(
    case: str, phone: UUID, owner: Member, second: Member
) -> None:
    confirm(case, second)
    response_api.order_erase(case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey")
    drain()
    assert "Why an erase was asked for" in text_of(case)
    assert "Why it was erased" not in text_of(case)
    reverse(case, owner)
    drain()
    said = text_of(case)
    assert "Why an erase was asked for" in said
    assert "called off with its case; no phone had fetched it" in said


def test_what_a_proven_erase_ended_is_printed_with_its_end_and_why(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member
) -> None:
    confirm(case, owner)
    made = response_api.order_erase(case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey")
    response_api.approve_erase(case_ref=case, command_id=made, by_member_id=second.id, strength="passkey")
    with later(minutes=2):
        erase = command(phone, "EraseDevice")
        handed = queue.next_command(enrollment_id=erase.enrollment_id, idle=True)
        while handed is not None and handed.id != made:
            handed = queue.next_command(enrollment_id=erase.enrollment_id, idle=True)
        ask(device_id=phone, request_types=("ProfileList",))
        queue.finish_command(command_id=made, enrollment_id=erase.enrollment_id)
        erase_ladder.on_acknowledged(command_id=made, fingerprint="f" * 64)
        joining.push_token_died(enrollment_id=erase.enrollment_id)
        drain()
    said = text_of(case)
    for kind in ("Enable lost mode", "Profile list"):
        assert f"{kind}: overtaken" in said, kind
        assert f"{kind}: queued" not in said
    assert said.count(": the phone is erased (") >= 2


def test_a_step_bears_the_moment_of_what_happened_and_not_of_the_job_that_noted_it(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member
) -> None:
    confirm(case, owner)
    answer(phone, "EnableLostMode")
    made = response_api.order_erase(case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey")
    response_api.approve_erase(case_ref=case, command_id=made, by_member_id=second.id, strength="passkey")
    with later(minutes=2):
        answer(phone, "EraseDevice")
        erase_ladder.on_acknowledged(command_id=made, fingerprint="f" * 64)
    with later(minutes=3):
        drain()
        joining.push_token_died(enrollment_id=command(phone, "EraseDevice").enrollment_id)
    with later(minutes=4):
        drain()
    rungs = {proof: at for proof, at, _why in command(phone, "EraseDevice").rungs}
    locked = {proof: at for proof, at, _why in command(phone, "EnableLostMode").rungs}
    steps = response_api.steps(practice_id=practice.id, case_ref=case)
    when = {step.step: step.changed_at for step in steps}
    assert when["erase"] == rungs["acknowledged"]
    assert when["prove_erase"] == rungs["corroborated"]
    assert when["lock"] == locked["acknowledged"]


def test_the_last_word_before_an_erase_is_printed_to_the_second_at_which_it_came(
    case: str, phone: UUID, owner: Member, second: Member
) -> None:
    confirm(case, owner)
    with clock.frozen(clock.now().replace(second=37)):
        answer(phone, "EnableLostMode")
    heard = fleet_api.get_device(device_id=phone).last_heard_at
    assert heard is not None
    response_api.order_erase(case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey")
    drain()
    assert re.search(rf"Last heard: [^;]*:{heard:%M:%S} ", text_of(case))


def test_a_lock_that_was_seen_from_outside_says_so_as_its_page_does(
    practice: PracticeRecord, case: str, phone: UUID, second: Member
) -> None:
    confirm(case, second)
    answer(phone, "EnableLostMode")
    assert "The phone says that lost mode is on." in text_of(case)
    assert "Corroborated, " not in text_of(case)
    order = command(phone, "EnableLostMode")
    unit_of_work(proofs.corroborate)(
        enrollment_id=order.enrollment_id, practice_id=practice.id, facts={"lost_mode_enabled": True}
    )
    drain()
    assert command(phone, "EnableLostMode").state == "corroborated"
    assert "The phone says that lost mode is on. Corroborated, " in text_of(case)


@pytest.mark.parametrize(
    ("kind", "told", "words"),
    [
        ("iphone", {"model_name": "iPhone"}, ("Model iPhone 15 ", "System iOS 26.6.1")),
        ("ipad", {"model_name": "iPad", "product_name": "iPad14,1"},
         ("Model iPad mini (6th generation) ", "System iPadOS 26.6.1")),
    ],
)  # fmt: skip
def test_model_and_system_are_named_as_pages_name_them(
    clinic: Clinic, clinician: Member, kind: str, told: dict[str, str], words: tuple[str, str]
) -> None:
    clinic.report(clinic.phone("Ben’s own", member=clinician, kind=kind), **told)
    case_ref = clinic.lose("Ben Sample")
    drain()
    for word in words:
        assert word in text_of(case_ref)


def test_every_day_before_the_report_is_counted_and_not_printed(
    clinic: Clinic, clinician: Member, owner: Member
) -> None:
    with clock.frozen(clock.now() - timedelta(hours=3)):
        phone = clinic.phone("Ben’s iPhone 16", member=clinician)
        clinic.report(phone)
        ask(device_id=phone, request_types=("ProfileList",))
        answer(phone, "ProfileList")
        fleet_api.order_command(
            device_id=phone, request_type="DeviceLock", params={}, by=f"member:{owner.id}", urgent=True
        )
    case_ref = clinic.lose("Ben Sample")
    drain()
    said = text_of(case_ref)
    for gone in ("Profile list", "The phone reported its state"):
        assert gone not in said
    # What a person ordered stays.
    assert "Device lock: queued" in said
    moments = incidents_api.timeline(incidents_api.get_case(case_ref=case_ref))
    report = response_api.get_report(case_ref=case_ref).reported_at
    left_out = sum(moment.routine and moment.at < report for moment in moments)
    assert left_out >= 4
    assert f"From before the report, {left_out} routine entries are left out here" in said
    assert "They stand in the ledger." in said
