"""Keys that nobody describes are counted by name, within limits, and never refused."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketward.cli import inside
from pocketward.fleet import api as fleet
from pocketward.fleet.models import UnknownKey
from pocketward.fleet.unknown_keys import MOST_ROWS, ODD, OTHERS, count_unknown_keys
from pocketward.practice.records import PracticeRecord
from pocketward.protocols.apple_mdm import unknown_reply_keys

NAMES = st.one_of(
    st.sampled_from(["NewKey", "Other.New", "patient Ada", "", "ä" * 200]), st.text(max_size=120)
)


def counted(practice: PracticeRecord) -> dict[tuple[str, str], int]:
    found = fleet.unknown_keys(practice_id=practice.id)
    return {(item.message, item.key): item.count for item in found}


def test_each_message_counts_and_none_without_such_keys_costs_a_statement(practice: PracticeRecord) -> None:
    for _ in range(3):
        count_unknown_keys(practice_id=practice.id, message="Authenticate", keys=("NewKey", "Newer"))
    with CaptureQueriesContext(connection) as captured:
        count_unknown_keys(practice_id=practice.id, message="Authenticate", keys=())
    assert len(captured) == 0
    assert counted(practice) == {("Authenticate", "NewKey"): 3, ("Authenticate", "Newer"): 3}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=40).map(tuple)), max_size=8))
def test_whatever_a_phone_calls_its_keys_rows_are_few_short_and_plain(
    practice: PracticeRecord, messages: list[tuple[str, tuple[str, ...]]]
) -> None:
    UnknownKey.objects.all().delete()
    for message, keys in messages:
        count_unknown_keys(practice_id=practice.id, message=message, keys=keys)
    found = counted(practice)
    assert len(found) <= MOST_ROWS
    assert bool(found) == any(keys for _, keys in messages)
    for message, key in found:
        assert len(message) <= 40
        assert len(key) <= 80
        assert key in (ODD, OTHERS) or (key.isascii() and " " not in key)


def test_past_the_limit_they_are_counted_together(practice: PracticeRecord) -> None:
    for number in range(MOST_ROWS + 60):
        count_unknown_keys(practice_id=practice.id, message="Idle", keys=(f"Key{number}",))
    found = counted(practice)
    assert len(found) == MOST_ROWS
    assert found[(OTHERS, OTHERS)] == 61


def test_answers_are_held_against_apples_schema_at_every_depth() -> None:
    answer: dict[str, Any] = {
        "RequestType": "DeviceInformation",
        "QueryResponses": {"OSVersion": "18.1", "Mood": "good", "OrganizationInfo": {"OrganizationPet": 1}},
        "Extra": 1,
    }
    assert unknown_reply_keys("DeviceInformation", answer) == (
        "QueryResponses.Mood", "QueryResponses.OrganizationInfo.OrganizationPet", "Extra",
    )  # fmt: skip
    listed = {"ProfileList": [{"PayloadUUID": "x", "New": 1}, {"New": 2}, "odd"]}
    assert unknown_reply_keys("ProfileList", listed) == ("ProfileList.New",)
    assert unknown_reply_keys("NoSuchCommand", {"a": 1}) == ()


def test_the_name_of_a_persons_app_is_never_in_a_path() -> None:
    told = {"ManagedApplicationList": {"com.example.secret": {"Status": "Managed", "New": 1}}}
    assert unknown_reply_keys("ManagedApplicationList", told) == ("ManagedApplicationList.*.New",)


DESCRIBED = st.sampled_from(["QueryResponses", "ProfileList", "OrganizationInfo", "x", "MDMOptions"])
ANSWERS = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(DESCRIBED, inner)),
    max_leaves=20,
)


@settings(deadline=None)
@given(
    payload=st.dictionaries(DESCRIBED, ANSWERS),
    request_type=st.sampled_from(["DeviceInformation", "ProfileList", "ManagedApplicationList"]),
)
def test_any_shape_of_answer_is_read_without_a_fault(payload: dict[str, Any], request_type: str) -> None:
    assert len(unknown_reply_keys(request_type, payload)) <= 20


def test_doctor_names_them(practice: PracticeRecord) -> None:
    assert list(inside.messages()) == []
    count_unknown_keys(practice_id=practice.id, message="TokenUpdate", keys=("NewKey",))
    (finding,) = inside.messages()
    assert "TokenUpdate NewKey (1)" in finding.sentence
