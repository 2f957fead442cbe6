"""The thread: a phone joins, is asked, answers; its state becomes facts and its commands climb their ladder."""

from __future__ import annotations

import pytest

from pocketward.fleet import api as fleet
from pocketward.practice.records import PracticeRecord
from pocketward.spine.api import event_bodies
from tests.fleet.apple.conftest import Enroll, Enrolled
from tests.fleet.apple.phones import HEALTHY

FIRST_ROUND = [
    "DeviceInformation",
    "SecurityInfo",
    "InstallProfile",
    "InstallProfile",
    "InstallApplication",
    "ManagedApplicationList",
    "InstalledApplicationList",
    "ProfileList",
    "CertificateList",
]


def values(device_id: object) -> dict[str, object]:
    return {name: fact["value"] for name, fact in fleet.device_state(device_id=device_id).items()}  # type: ignore[arg-type]


def test_a_new_phone_is_asked_everything_and_its_answers_become_facts(phone: Enrolled) -> None:
    done = phone.wire.work_through(HEALTHY)
    assert done[: len(FIRST_ROUND)] == FIRST_ROUND
    known = values(phone.device_id)
    assert known["os_version"] == "18.1"
    assert known["passcode_present"] is True
    assert known["hardware_encryption_caps"] == 3
    assert [app["identifier"] for app in known["installed_apps"]] == [
        "com.example.dating",
        "org.example.notes",
    ]  # type: ignore[attr-defined]
    assert phone.wire.next() is None
