"""Where a lost phone is: who may be asked, under which notice, how long, who looked, when it is erased."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.core import mail

from pocketward.fleet import api as fleet_api
from pocketward.fleet import queue
from pocketward.fleet.errors import CommandRefused
from pocketward.fleet.events import LocationReceived
from pocketward.incidents import api as incidents_api
from pocketward.kernel import crypto
from pocketward.practice.api import Member, PracticeRecord
from pocketward.protocols.apple_mdm import write_plist
from pocketward.response import api as response_api
from pocketward.response.errors import ResponseError
from pocketward.spine.api import keep_evidence, read_evidence, record, unit_of_work
from pocketward.spine.errors import SpineError
from tests.response.conftest import bodies, command, drain, kinds, later, reverse, step
from tests.web.clinic import Clinic

REASON = "to fetch it from where it is"


@pytest.fixture
def asked(case: str, phone: UUID, owner: Member) -> UUID:
    """Dana asked where Ben's phone is."""
    made = response_api.locate(case_ref=case, device_id=phone, reason=REASON, by_member_id=owner.id)
    drain()
    return made


@unit_of_work
def tell_place(practice: PracticeRecord, case_ref: str, device_id: UUID, command_id: UUID) -> str:
    """The phone answers; the digest of the evidence."""
    answer = {"latitude": 43.66147, "longitude": -70.25533, "horizontal_accuracy": 12.0}
    digest = keep_evidence(
        practice_id=practice.id, data=write_plist({"MessageDigest": "00", "Answer": answer}),
        media_type="application/x-plist", kind="answer:DeviceLocation", case_ref=case_ref,
    )  # fmt: skip
    record(
        LocationReceived(
            practice_id=practice.id, actor=f"device:{device_id}", subject=f"device:{device_id}",
            case_ref=case_ref, device_id=device_id, command_id=command_id, evidence_digest=digest,
        )
    )  # fmt: skip
    return digest


def is_kept(practice: PracticeRecord, digest: str) -> bool:
    try:
        read_evidence(practice_id=practice.id, digest=digest)
    except SpineError:
        return False
    return True


@pytest.mark.parametrize(
    ("ownership", "supervised", "allowed"),
    [
        ("practice", True, True),
        ("practice", False, False),
        ("personal", True, False),
        ("personal", False, False),
    ],
)
def test_only_a_practice_owned_supervised_lost_phone_can_be_located(
    clinic: Clinic, clinician: Member, owner: Member, ownership: str, supervised: bool, allowed: bool
) -> None:
    device = clinic.phone("Ben’s iPhone", member=clinician, ownership=ownership)
    clinic.report(device, supervised=supervised)
    case_ref = clinic.lose("Ben Sample")
    drain()
    if allowed:
        response_api.locate(case_ref=case_ref, device_id=device, reason=REASON, by_member_id=owner.id)
        assert command(device, "DeviceLocation").case_ref == case_ref
        return
    with pytest.raises(ResponseError, match="supervised, practice-owned"):
        response_api.locate(case_ref=case_ref, device_id=device, reason=REASON, by_member_id=owner.id)
    assert not [c for c in fleet_api.commands(device_id=device) if c.request_type == "DeviceLocation"]


def test_a_phone_that_is_not_lost_or_is_back_cannot_be_located(
    clinic: Clinic, phone: UUID, case: str, owner: Member, clinician: Member
) -> None:
    other = clinic.phone("Spare iPhone", member=clinician)
    clinic.report(other)
    reverse(case, owner)
    for device in (phone, other):
        with pytest.raises(ResponseError):
            response_api.locate(case_ref=case, device_id=device, reason=REASON, by_member_id=owner.id)


def close(case_ref: str, owner: Member) -> None:
    """The owner decides and closes the case."""
    incidents_api.decide_breach(
        case_ref=case_ref, verdict="breach", reason="Nobody can say what was read.", by_member_id=owner.id
    )
    incidents_api.close_case(case_ref=case_ref, by_member_id=owner.id)
    drain()


def test_after_the_case_is_closed_nothing_is_asked_anew_that_nobody_would_erase(
    practice: PracticeRecord, clinic: Clinic, case: str, phone: UUID, owner: Member
) -> None:
    close(case, owner)
    assert not response_api.may_be_located(fleet_api.get_device(device_id=phone), case_ref=case)
    with pytest.raises(ResponseError, match="open lost case"):
        response_api.locate(case_ref=case, device_id=phone, reason=REASON, by_member_id=owner.id)
    # Nor past response: the guard itself judges the case.
    with pytest.raises(CommandRefused, match="open case"):
        fleet_api.order_command(
            device_id=phone, request_type="DeviceLocation", case_ref=case, by=f"member:{owner.id}"
        )
    assert response_api.locations(practice_id=practice.id, case_ref=case) == ()
    again = clinic.lose("Ben Sample")
    response_api.locate(case_ref=again, device_id=phone, reason=REASON, by_member_id=owner.id)


def test_a_phone_of_two_cases_is_located_in_the_one_that_is_open(
    clinic: Clinic, case: str, phone: UUID, owner: Member
) -> None:
    second_case = clinic.lose("Ben Sample")
    drain()
    close(case, owner)
    assert fleet_api.get_device(device_id=phone).lost_case_ref == second_case
    response_api.locate(case_ref=second_case, device_id=phone, reason=REASON, by_member_id=owner.id)
    reverse(second_case, owner)
    drain()
    # Lost still, under the first, which stays closed.
    assert fleet_api.get_device(device_id=phone).lost_case_ref == case
    with pytest.raises(CommandRefused):
        fleet_api.order_command(
            device_id=phone, request_type="DeviceLocation", case_ref=case, by=f"member:{owner.id}"
        )


def test_without_a_reason_nothing_is_asked(case: str, phone: UUID, owner: Member) -> None:
    with pytest.raises(ResponseError, match="Say why"):
        response_api.locate(case_ref=case, device_id=phone, reason="  \n ", by_member_id=owner.id)


def test_the_reason_and_the_notices_version_are_sealed_and_the_person_is_told(
    practice: PracticeRecord, case: str, asked: UUID
) -> None:
    (told,) = bodies(practice, case, "response.location_asked")
    (known,) = response_api.locations(practice_id=practice.id, case_ref=case)
    assert (known.reason, told["notice_version"]) == (REASON, response_api.locating_notice().version)
    assert told["reason_commitment"] == crypto.hmac_sha256(known.reason_key, REASON.encode()).hex()
    assert REASON not in str(bodies(practice, case))
    (letter,) = [item for item in mail.outbox if item.to == ["ben@example.org"]]
    assert letter.subject == "A lost work phone is being looked for"
    assert "Ben" not in letter.subject + str(letter.body)


def test_the_notice_is_in_both_languages_and_on_the_phone_itself(case: str, phone: UUID) -> None:
    english, spanish = response_api.locating_notice("en"), response_api.locating_notice("es")
    assert english.version == spanish.version
    assert "24 hours" in english.text
    assert "24 horas" in spanish.text
    assert response_api.locating_notice("fr") == english


def test_asking_ends_by_itself_after_a_day(
    practice: PracticeRecord, case: str, phone: UUID, asked: UUID
) -> None:
    with later(hours=23, minutes=59):
        assert fleet_api.get_command(command_id=asked).state == "queued"
    with later(hours=24, minutes=1):
        assert fleet_api.get_command(command_id=asked).state == "cancelled"
        (ended,) = bodies(practice, case, "response.locating_ended")
        assert ended["why"] == "24 hours are over"
        assert step(practice, case, "locate").state == "needs_person"


@pytest.mark.parametrize("said", ["NotNow", "nothing"])
def test_a_phone_that_put_the_question_off_is_not_asked_again_after_a_day(
    case: str, phone: UUID, asked: UUID, said: str
) -> None:
    enrollment = fleet_api.get_command(command_id=asked).enrollment_id
    while (handed := queue.next_command(enrollment_id=enrollment, idle=False)) is not None:
        if handed.id == asked:
            break
        queue.finish_command(command_id=handed.id, enrollment_id=enrollment)
    assert handed is not None
    if said == "NotNow":
        queue.park_command(command_id=asked, enrollment_id=enrollment)
    with later(hours=24, minutes=1):
        assert fleet_api.get_command(command_id=asked).state == "cancelled"
        while (handed := queue.next_command(enrollment_id=enrollment, idle=True)) is not None:
            assert handed.request_type != "DeviceLocation"
            queue.finish_command(command_id=handed.id, enrollment_id=enrollment)


def test_asking_ends_when_the_report_is_reversed(case: str, asked: UUID, owner: Member) -> None:
    reverse(case, owner)
    assert fleet_api.get_command(command_id=asked).state == "cancelled"


def test_each_look_at_the_place_is_recorded_with_its_purpose(
    practice: PracticeRecord, case: str, phone: UUID, asked: UUID, owner: Member, second: Member
) -> None:
    tell_place(practice, case, phone, asked)
    drain()
    (known,) = response_api.locations(practice_id=practice.id, case_ref=case)
    assert known.received_at is not None
    with pytest.raises(ResponseError, match="what you need the place for"):
        response_api.view_location(case_ref=case, ask_id=known.id, purpose="", by_member_id=owner.id)
    for person in (owner, second):
        seen = response_api.view_location(
            case_ref=case, ask_id=known.id, purpose="fetching it", by_member_id=person.id
        )
        assert (seen.latitude, seen.longitude, seen.accuracy_m) == (43.66147, -70.25533, 12.0)
    views = bodies(practice, case, "response.location_viewed")
    (known,) = response_api.locations(practice_id=practice.id, case_ref=case)
    assert [(look.member_id, look.purpose) for look in known.looks] == [
        (owner.id, "fetching it"), (second.id, "fetching it")
    ]  # fmt: skip
    # The same words commit to something else each time: nobody can compare them.
    assert known.looks[0].purpose_key != known.looks[1].purpose_key
    assert [(view["member_id"], view["purpose_commitment"]) for view in views] == [
        (str(look.member_id), crypto.hmac_sha256(look.purpose_key, b"fetching it").hex())
        for look in known.looks
    ]
    assert "43.66" not in str(views)
    assert "fetching it" not in str(bodies(practice, case))


def test_a_place_that_comes_after_asking_ended_is_erased_unseen(
    practice: PracticeRecord, case: str, phone: UUID, asked: UUID
) -> None:
    with later(hours=25):
        digest = tell_place(practice, case, phone, asked)
        drain()
        assert not is_kept(practice, digest)


def test_places_live_until_30_days_after_the_case_closes(
    practice: PracticeRecord, case: str, phone: UUID, asked: UUID, owner: Member
) -> None:
    digest = tell_place(practice, case, phone, asked)
    drain()
    with later(days=100):
        assert is_kept(practice, digest)
        response_api.case_closed(practice_id=practice.id, case_ref=case, by=f"member:{owner.id}")
    with later(days=129, hours=23):
        assert is_kept(practice, digest)
    with later(days=130, hours=1):
        assert not is_kept(practice, digest)
        assert "response.location_erased" in kinds(practice, case)
        (known,) = response_api.locations(practice_id=practice.id, case_ref=case)
        with pytest.raises(ResponseError):
            response_api.view_location(
                case_ref=case, ask_id=known.id, purpose="one more look", by_member_id=owner.id
            )
