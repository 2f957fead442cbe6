"""Required apps that are missing, deleted or too old are ordered again, and followed until they are there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pocketward.fleet import api as fleet
from pocketward.kernel import clock
from pocketward.policy import api as policy
from pocketward.practice.records import PracticeRecord
from pocketward.protocols.apple_mdm import Command
from pocketward.spine.api import run_due
from tests.fleet.apple.conftest import Enroll, Enrolled
from tests.fleet.apple.phones import HEALTHY

NOTES = "org.example.notes"
APPS = policy.template().replace(
    "required_apps: []",
    "required_apps:\n  - {id: org.example.notes, name: Notes, app_store: 123456, minimum_version: '2.1'}",
)


@pytest.fixture
def settled(practice: PracticeRecord, enroll: Enroll) -> Enrolled:
    """A phone with the app that is required, and nothing left to do."""
    policy.set_policy(practice_id=practice.id, text=APPS, reason="notes for everybody", by="system:test")
    run_due()
    phone = enroll()
    phone.wire.work_through(HEALTHY)
    run_due()
    return phone


def lists(status: str = "Managed", version: str | None = "2.1") -> dict[str, dict[str, Any]]:
    """Answers of a phone on which the app is so; no version: it is not installed."""
    app = {"Identifier": NOTES, "Name": "Notes", "ShortVersion": version}
    managed = {NOTES: {"Status": status}} if status else {}
    return HEALTHY | {
        "InstalledApplicationList": {"InstalledApplicationList": [app] if version is not None else []},
        "ManagedApplicationList": {"ManagedApplicationList": managed},
    }


def tell(phone: Enrolled, answers: dict[str, dict[str, Any]], seconds: int) -> list[Command]:
    """Let time pass, run what is due, and answer; the orders to install that the phone was given."""
    orders = []
    with clock.frozen(clock.now() + timedelta(seconds=seconds)):
        run_due()
        command = phone.wire.next()
        while command is not None:
            if command.request_type == "InstallApplication":
                orders.append(command)
            command = phone.wire.next("Acknowledged", command, **answers.get(command.request_type, {}))
        run_due()
    return orders


def look(phone: Enrolled, answers: dict[str, dict[str, Any]]) -> None:
    """The phone tells its lists, of its own."""
    fleet.ask(device_id=phone.device_id, request_types=("ManagedApplicationList", "InstalledApplicationList"))
    tell(phone, answers, 0)


def step(phone: Enrolled) -> str:
    (app,) = fleet.app_progress(device_id=phone.device_id)
    return app.step


@pytest.mark.parametrize(
    ("status", "version"),
    [
        ("ManagedButUninstalled", None), ("UserRejected", None), ("", None), ("Managed", "2.0.9")
    ],
)  # fmt: skip
def test_an_app_that_does_not_come_by_itself_is_ordered_again_until_it_is_there(
    settled: Enrolled, status: str, version: str | None
) -> None:
    look(settled, lists(status, version))
    (order,) = tell(settled, lists(status, version), 10)
    assert order.params["iTunesStoreID"] == 123456
    assert len(tell(settled, lists(), 60)) <= 1
    for seconds in (300, 3000):
        assert tell(settled, lists(), seconds) == []
    assert step(settled) == "managed"


@pytest.mark.parametrize("status", ["Installing", "Prompting"])
def test_an_app_that_is_on_its_way_is_only_asked_about(settled: Enrolled, status: str) -> None:
    look(settled, lists(status, None))
    assert tell(settled, lists(status, None), 10) == []
    assert "InstalledApplicationList" in [
        item.request_type for item in fleet.commands(device_id=settled.device_id, limit=3)
    ]


def test_an_app_that_the_list_names_before_it_is_installed_is_asked_about_until_it_is(
    settled: Enrolled,
) -> None:
    look(settled, lists("Installing", "2.1"))
    assert step(settled) == "installing"
    assert tell(settled, lists(), 10) == []
    assert step(settled) == "managed"


def test_a_phone_that_lost_nothing_is_not_followed(settled: Enrolled) -> None:
    look(settled, lists())
    before = len(fleet.commands(device_id=settled.device_id))
    assert tell(settled, lists(), 60) == []
    assert len(fleet.commands(device_id=settled.device_id)) == before


def test_the_way_of_an_app_is_told_from_what_the_phone_says(settled: Enrolled) -> None:
    assert step(settled) == "managed"
    look(settled, lists("ManagedButUninstalled", None))
    assert step(settled) == "gone"
    with clock.frozen(clock.now() + timedelta(seconds=10)):
        run_due()
        assert step(settled) == "ordered"
        command = settled.wire.next()
        while command is not None and command.request_type != "InstallApplication":
            command = settled.wire.next(
                "Acknowledged", command, **lists("ManagedButUninstalled", None)[command.request_type]
            )
        following = settled.wire.next("Acknowledged", command)
        assert step(settled) == "queued"
        while following is not None:
            following = settled.wire.next(
                "Acknowledged", following, **lists("Installing", None)[following.request_type]
            )
        assert step(settled) == "installing"
    tell(settled, lists(), 100)
    (app,) = fleet.app_progress(device_id=settled.device_id)
    assert (app.step, app.version, app.minimum_version) == ("managed", "2.1", "2.1")


def test_an_answer_that_says_nothing_new_still_ends_the_wait(
    settled: Enrolled, practice: PracticeRecord
) -> None:
    """A policy sends every app again: a phone that has it says once more that it is there."""
    text = APPS.replace("min_length: 6", "min_length: 7")
    with clock.frozen(clock.now() + timedelta(seconds=5)):
        policy.set_policy(practice_id=practice.id, text=text, reason="longer", by="system:test")
        run_due()
        assert step(settled) == "ordered"
    settled.wire.work_through(lists())
    assert step(settled) == "managed"


def test_a_phone_without_required_apps_has_no_way_to_show(phone: Enrolled) -> None:
    assert fleet.app_progress(device_id=phone.device_id) == ()
