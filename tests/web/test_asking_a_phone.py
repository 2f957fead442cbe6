"""Pressing "check again" without end asks the phone once, until it has answered, and not for ever."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from pocketward.fleet import api as fleet_api
from pocketward.fleet import queue
from pocketward.kernel import clock
from pocketward.practice.api import Member, PracticeRecord
from pocketward.web.phones.asking import BY_STAFF
from tests.web.clinic import Clinic
from tests.web.conftest import Browser

ASKED, MOMENT_AGO = "Asked. It answers when it is online.", "It was asked a moment ago."


def test_whoever_uses_a_phone_asks_it_once_until_it_has_answered_and_not_for_ever(
    practice: PracticeRecord, clinician: Member, browser_of: Browser
) -> None:
    device = Clinic(practice).phone("Ana’s iPhone", member=clinician)
    enrollment = fleet_api.get_device(device_id=device).enrollment_id
    assert enrollment is not None
    browser: Client = browser_of(clinician)
    base = f"/p/{practice.slug}/me/phone"

    def press() -> str:
        return browser.post(f"{base}/check/", follow=True).content.decode()

    def answer() -> None:
        while (command := queue.next_command(enrollment_id=enrollment, idle=True)) is not None:
            queue.finish_command(command_id=command.id, enrollment_id=enrollment)

    answer()  # what every phone is asked as it joins
    assert ASKED in press()
    asked = len(fleet_api.commands(device_id=device))
    assert all(MOMENT_AGO in press() for _ in range(5))
    assert len(fleet_api.commands(device_id=device)) == asked
    for _ in range(BY_STAFF - 1):
        answer()
        assert ASKED in press()
    answer()
    assert MOMENT_AGO in press()
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        assert ASKED in press()
