"""A posture or access handler that raises: the message is kept, access closes, an operator is told."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pocketward.access import handlers as access_handlers
from pocketward.access import publishing
from pocketward.access.models import SnapshotRow
from pocketward.fleet import api as fleet
from pocketward.fleet.events import DeviceStateReported
from pocketward.posture import api as posture_api
from pocketward.posture import handlers as posture_handlers
from pocketward.posture.events import PostureChanged
from pocketward.practice import api as practice_api
from pocketward.practice.events import RoleEnded
from pocketward.practice.records import Member, PracticeRecord
from pocketward.spine import reactions
from pocketward.spine.api import event_bodies, open_tasks
from tests.fleet.apple.conftest import Enrolled
from tests.fleet.apple.phones import HEALTHY

CHANGED: dict[str, Any] = {
    "SecurityInfo": {"SecurityInfo": HEALTHY["SecurityInfo"]["SecurityInfo"] | {"PasscodePresent": False}}
}


class Broken(RuntimeError):
    """A bug of ours."""


def fail(*given: Any, **named: Any) -> None:
    raise Broken("Rosa Diaz")


def posture_of(phone: Enrolled) -> str:
    found = posture_api.device_posture(device_id=phone.device_id)
    assert found is not None
    return found.posture


def published(phone: Enrolled) -> dict[str, Any]:
    """What the gates know of the device."""
    row = SnapshotRow.objects.get(kind="device", key=str(phone.device_id))
    facts: dict[str, Any] = msgspec.json.decode(bytes(row.body))
    return {"posture": "unknown", "checks": []} | facts


def report_a_change(phone: Enrolled) -> None:
    """The phone says that its passcode is gone; every message is answered with 200."""
    fleet.ask(device_id=phone.device_id, request_types=("SecurityInfo",))
    assert "SecurityInfo" in phone.wire.work_through(HEALTHY | CHANGED)


def require_message_kept(phone: Enrolled) -> None:
    state = fleet.device_state(device_id=phone.device_id)
    assert state["passcode_present"]["value"] is False
    (newest, *_) = [
        item for item in fleet.commands(device_id=phone.device_id)
        if item.request_type == "SecurityInfo"
    ]  # fmt: skip
    assert newest.state == "acknowledged"
    reported = [
        event for event in event_bodies(practice_id=phone.wire.practice_id)
        if event["kind"] == "fleet.device_state_reported"
    ]  # fmt: skip
    assert reported[-1]["state"]["passcode_present"]["value"] is False


def require_told(practice: PracticeRecord) -> None:
    told = [key for key, _ in open_tasks(practice.id) if key.startswith(reactions.OUR_FAULT)]
    assert len(told) == 1


@pytest.fixture
def known(phone: Enrolled) -> Enrolled:
    """A phone that has said everything."""
    phone.wire.work_through(HEALTHY)
    assert published(phone)["checks"]
    return phone


def break_handler(monkeypatch: pytest.MonkeyPatch, package: str, event: type[Any]) -> None:
    """Let this package's handler of this event raise, in the chain as it is registered."""
    handlers = dict(reactions._chain)[package]
    monkeypatch.setitem(handlers, event, fail)  # type: ignore[arg-type]


def test_a_posture_handler_that_raises_loses_no_message_and_closes_access(
    known: Enrolled, practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_handler(monkeypatch, "posture", DeviceStateReported)
    report_a_change(known)
    require_message_kept(known)
    assert posture_of(known) == "unknown"
    assert published(known)["posture"] == "unknown"
    require_told(practice)


def test_an_access_handler_that_raises_loses_no_message_and_closes_access(
    known: Enrolled, practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_handler(monkeypatch, "access", PostureChanged)
    report_a_change(known)
    require_message_kept(known)
    assert posture_of(known) == "unknown"
    assert published(known)["posture"] == "unknown"
    require_told(practice)


def test_access_closes_even_when_its_ordinary_way_of_closing_is_what_is_broken(
    known: Enrolled, practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_handlers, "change_device", fail)
    report_a_change(known)
    require_message_kept(known)
    assert published(known)["posture"] == "unknown"
    assert published(known)["checks"] == []
    require_told(practice)


def test_the_operator_is_told_even_when_posture_cannot_make_it_unknown(
    known: Enrolled, practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posture_handlers, "settle", fail)
    break_handler(monkeypatch, "posture", DeviceStateReported)
    report_a_change(known)
    require_message_kept(known)
    assert published(known)["posture"] == "unknown"
    require_told(practice)


def test_the_phone_is_judged_again_once_the_fault_is_mended(
    known: Enrolled, practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        break_handler(broken, "posture", DeviceStateReported)
        report_a_change(known)
    before = published(known)
    fleet.ask(device_id=known.device_id, request_types=("SecurityInfo",))
    known.wire.work_through(HEALTHY)
    assert before["checks"] == []
    assert published(known)["checks"] != []


def test_a_role_that_ends_while_access_is_broken_leaves_the_person_nothing(
    practice: PracticeRecord, owner: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = practice_api.add_member(
        practice_id=practice.id, full_name="Eve New", role_names=("billing", "scheduler"), by="system:test"
    )
    rows = SnapshotRow.objects.filter(kind=publishing.PERSON, key=str(person.id))
    assert not rows.get().deleted
    break_handler(monkeypatch, "access", RoleEnded)
    practice_api.end_role(member_id=person.id, role="billing", by="system:test")
    assert rows.get().deleted
    assert "billing" not in practice_api.get_member(member_id=person.id).roles
    require_told(practice)
