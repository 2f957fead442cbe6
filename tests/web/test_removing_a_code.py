"""A joining code that no phone used is removed by an officer; one that a phone used is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from pocketward.fleet import api as fleet_api
from pocketward.fleet import joining, tickets
from pocketward.fleet.errors import TicketSpent
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import event_bodies
from tests.web.clinic import Clinic
from tests.web.conftest import Browser


def ticket_of(practice: PracticeRecord, label: str = "Exam 9 iPad") -> fleet_api.Ticket:
    return fleet_api.create_enrollment_ticket(
        practice_id=practice.id, member_id=None, ownership="practice", kind="ipad", label=label, shared=True,
        by="system:test",
    )  # fmt: skip


def removal(practice: PracticeRecord, ticket: fleet_api.Ticket) -> str:
    return f"/p/{practice.slug}/phones/add/{public_id('enr', ticket.enrollment_id)}/remove/"


def removed(practice: PracticeRecord) -> list[tuple[str, str]]:
    found = event_bodies(practice_id=practice.id, kinds=("fleet.enrollment_ticket_withdrawn",))
    return [(body["label"], body["actor"]) for body in found]


def test_an_officer_removes_a_code_that_no_phone_used_and_nothing_joins_with_it(
    practice: PracticeRecord, owner: Member, owners_browser: Client
) -> None:
    ticket = ticket_of(practice)
    add = f"/p/{practice.slug}/phones/add/"
    assert removal(practice, ticket) in owners_browser.get(add).content.decode()
    answer = owners_browser.post(removal(practice, ticket), follow=True).content.decode()
    assert "Nothing can join with the code of Exam 9 iPad." in answer
    assert removal(practice, ticket) not in answer
    assert removed(practice) == [("Exam 9 iPad", f"member:{owner.id}")]
    with pytest.raises(TicketSpent):
        tickets.find_ticket(practice_id=practice.id, secret=ticket.secret)
    with pytest.raises(joining.WrongIdentity):
        joining.authenticate(
            enrollment_id=ticket.enrollment_id, fingerprint="a" * 64, udid="U", serial="S1",
            product_name="iPad14,1", topic="com.apple.mgmt.External.test",
        )  # fmt: skip
    page = owners_browser.get(removal(practice, ticket).removesuffix("remove/")).content.decode()
    assert "The code of Exam 9 iPad was removed." in page
    again = owners_browser.post(removal(practice, ticket), follow=True).content.decode()
    assert "Nothing was removed" in again
    assert len(removed(practice)) == 1


def test_a_code_that_a_phone_joined_with_stays_and_so_does_the_phone(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    phone = Clinic(practice).phone("Rounds iPad 1", kind="ipad")
    enrollment_id = fleet_api.get_device(device_id=phone).enrollment_id
    assert enrollment_id is not None
    place = f"/p/{practice.slug}/phones/add/{public_id('enr', enrollment_id)}/remove/"
    assert place not in owners_browser.get(f"/p/{practice.slug}/phones/add/").content.decode()
    assert "Nothing was removed" in owners_browser.post(place, follow=True).content.decode()
    assert fleet_api.get_device(device_id=phone).enrollment_state == "enrolled"
    assert removed(practice) == []


def test_nobody_but_an_officer_removes_one_and_no_list_hides_any(
    practice: PracticeRecord, clinician: Member, browser_of: Browser, owners_browser: Client
) -> None:
    made = [ticket_of(practice, f"Exam {number} iPad") for number in range(11)]
    assert browser_of(clinician).post(removal(practice, made[0])).status_code == 403
    page = owners_browser.get(f"/p/{practice.slug}/phones/add/").content.decode()
    assert all(removal(practice, ticket) in page for ticket in made)
    with clock.frozen(clock.now() + timedelta(days=4)):
        old = owners_browser.get(removal(practice, made[0]).removesuffix("remove/")).content.decode()
    assert "has run out" in old
