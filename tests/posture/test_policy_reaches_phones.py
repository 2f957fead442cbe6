"""A tightened policy closes the phones that fail it at the worker's next run, and no other."""

from __future__ import annotations

import pytest

from pocketward.access import api as access
from pocketward.access.models import DeviceAccess
from pocketward.policy import api as policy
from pocketward.posture import jobs
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import run_due
from tests.access.clinic import Phone, register_ehr

STRICTER = policy.template().replace(
    "required_apps: []", "required_apps:\n  - {id: org.example.notes, name: N}"
)
NOTES = [{"identifier": "org.example.notes", "name": "Notes"}]


def open_phones() -> set[object]:
    return set(DeviceAccess.objects.filter(open=True).values_list("device_id", flat=True))


def test_every_batch_is_judged_and_only_what_fails_the_new_policy_closes(
    practice: PracticeRecord, clinician: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BATCH", 2)
    access.prepare_practice(practice_id=practice.id, by="system:test")
    register_ehr(practice)
    phones = [Phone(practice, clinician, f"SERIAL{number}") for number in range(5)]
    for number, phone in enumerate(phones):
        phone.tell(installed_apps=NOTES if number == 3 else [])
    run_due()
    assert open_phones() == {phone.device_id for phone in phones}
    policy.set_policy(practice_id=practice.id, text=STRICTER, reason="notes for all", by="system:test")
    run_due()
    assert open_phones() == {phones[3].device_id}
