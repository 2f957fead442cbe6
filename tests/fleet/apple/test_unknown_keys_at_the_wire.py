"""A phone of tomorrow says more than we know: its messages count as ever, and the new names are counted."""

from __future__ import annotations

import copy

from pocketward.fleet import api as fleet
from pocketward.practice.records import PracticeRecord
from pocketward.protocols.apple_mdm import TokenUpdate, checkin_plist, read_plist, write_plist
from tests.fleet.apple.conftest import Enrolled
from tests.fleet.apple.phones import HEALTHY, TOPIC


def counted(practice: PracticeRecord) -> dict[tuple[str, str], int]:
    found = fleet.unknown_keys(practice_id=practice.id)
    return {(item.message, item.key): item.count for item in found}


def test_a_healthy_phones_whole_round_has_no_unknown_key(phone: Enrolled, practice: PracticeRecord) -> None:
    phone.wire.work_through(HEALTHY)
    assert counted(practice) == {}


def test_new_keys_of_an_answer_are_counted_and_the_answer_is_taken_in(
    phone: Enrolled, practice: PracticeRecord
) -> None:
    told = copy.deepcopy(HEALTHY)
    told["SecurityInfo"]["SecurityInfo"]["MoodRing"] = "ada@example.org"
    phone.wire.work_through(told)
    assert counted(practice) == {("SecurityInfo", "SecurityInfo.MoodRing"): 1}
    assert fleet.device_state(device_id=phone.device_id)["passcode_present"]["value"] is True


def test_new_keys_of_a_check_in_message_are_counted_once_the_sender_is_known(
    phone: Enrolled, practice: PracticeRecord
) -> None:
    message = TokenUpdate(udid=phone.wire.udid, topic=TOPIC, token=b"\x02" * 32, push_magic="magic")
    body = write_plist(read_plist(checkin_plist(message)) | {"MoodRing": "blue"})
    assert phone.wire.put("checkin", body, signed=b"something else").status == 403
    assert counted(practice) == {}
    assert phone.wire.put("checkin", body).status == 200
    assert counted(practice) == {("TokenUpdate", "MoodRing"): 1}
