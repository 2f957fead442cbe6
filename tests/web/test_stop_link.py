"""The stop link of a practice of one: on a second channel, without sign-in, and able to stop only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from pocketward.fleet import api as fleet
from pocketward.fleet import queue
from pocketward.fleet.errors import CommandRefused
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.practice.models import OneTimeLink
from pocketward.spine.api import event_bodies, run_due
from pocketward.spine.models import Job
from tests.factories.officers import signed_in_officer
from tests.web.clinic import Clinic

GONE = "There is nothing to stop here."


@pytest.fixture(autouse=True)
def mail_is_set(settings: Settings) -> None:
    """Mail goes out."""
    ours = settings.POCKETWARD
    settings.POCKETWARD = replace(ours, mail=replace(ours.mail, host="mail.example.org"))


@pytest.fixture
def phone(practice: PracticeRecord, owner: Member) -> UUID:
    """The only officer's practice-owned phone."""
    clinic = Clinic(practice)
    device_id = clinic.phone("Ward phone 7", member=owner)
    clinic.report(device_id)
    return device_id


@pytest.fixture
def order(phone: UUID, owner: Member) -> UUID:
    """An erase that waits its quarter of an hour."""
    return fleet.order_destructive(
        device_id=phone, request_type="EraseDevice", by_member_id=owner.id, strength="passkey"
    )


def work() -> None:
    while run_due():
        pass


@pytest.fixture
def link(order: UUID) -> str:
    """The way to the page, as the mail tells it."""
    work()
    (sent,) = mail.outbox
    found = re.search(r"http://localhost:8000(/stop/\S+)", sent.body)
    assert found is not None
    return found[1]


@pytest.fixture
def stranger() -> Iterator[Client]:
    """A browser that nobody signed in with."""
    return Client(HTTP_HOST="localhost")


def state(order: UUID) -> str:
    return fleet.get_command(command_id=order).state


def test_the_mail_goes_to_the_owner_and_names_no_person_no_phone_and_no_app(
    owner: Member, practice: PracticeRecord, link: str
) -> None:
    (sent,) = mail.outbox
    assert sent.to == [owner.email]
    for name in (*owner.full_name.split(), practice.name, "Ward phone", "erase", "Erase", "records"):
        assert name not in f"{sent.subject} {sent.body}"


def test_the_secret_stands_in_no_row(link: str, stranger: Client) -> None:
    secret = link.rpartition("/")[2]
    rows: list[Any] = [*OneTimeLink.objects.values(), *Job.objects.values()]
    assert rows
    assert secret not in str(rows)
    assert secret not in str(
        list(event_bodies(practice_id=OneTimeLink.objects.get(purpose="stop").practice_id))
    )


def test_looking_stops_nothing_and_the_button_stops_once(
    practice: PracticeRecord, order: UUID, link: str, stranger: Client
) -> None:
    for method in (stranger.get, stranger.head, stranger.get):
        assert method(link).status_code == 200
    page = stranger.get(link)
    assert state(order) == "queued"
    assert "no-store" in page["Cache-Control"]
    # Nobody else is told the address; our own form guard is, or no browser could press the button.
    assert page["Referrer-Policy"] == "same-origin"
    assert "Ward phone" not in page.content.decode()
    assert practice.name not in page.content.decode()
    assert "Stopped." in stranger.post(link).content.decode()
    assert state(order) == "cancelled"
    assert (
        fleet.erase_intents(device_id=fleet.get_command(command_id=order).device_id)[0].state == "called_off"
    )
    again = stranger.post(link)
    assert (again.status_code, GONE in again.content.decode()) == (410, True)
    (stopped,) = (
        body for body in event_bodies(practice_id=practice.id) if body["kind"] == "fleet.command_stopped"
    )
    assert stopped["actor"] == "anonymous:stop-link"


def test_the_form_guard_holds_without_a_sign_in(order: UUID, link: str) -> None:
    strict = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    assert strict.post(link).status_code == 403
    assert state(order) == "queued"


def test_the_link_is_dead_once_the_phone_has_fetched_the_erase(
    phone: UUID, order: UUID, link: str, stranger: Client
) -> None:
    enrollment = fleet.get_device(device_id=phone).enrollment_id
    assert enrollment is not None
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        while (command := queue.next_command(enrollment_id=enrollment, idle=True)) is not None:
            queue.finish_command(command_id=command.id, enrollment_id=enrollment)
        for answer in (stranger.get(link), stranger.post(link)):
            assert (answer.status_code, GONE in answer.content.decode()) == (410, True)


def test_what_the_owner_stopped_leaves_the_link_with_nothing_to_do(
    order: UUID, owner: Member, link: str, stranger: Client
) -> None:
    fleet.stop_command(command_id=order, by=f"member:{owner.id}")
    assert stranger.get(link).status_code == 410


@pytest.mark.parametrize("secret", ["never-was", "x" * 200, "ñ"])
def test_what_never_was_a_link_is_answered_with_the_same_words(
    installation: None, secret: str, stranger: Client
) -> None:
    answer = stranger.get(f"/stop/{secret}")
    assert (answer.status_code, GONE in answer.content.decode()) == (410, True)


def test_a_link_of_another_kind_stops_nothing(order: UUID, owner: Member, stranger: Client) -> None:
    secret = practice_api.invite_member(member_id=owner.id, by="system:test")
    assert stranger.post(f"/stop/{secret}").status_code == 410
    assert state(order) == "queued"


def test_it_speaks_spanish(link: str, stranger: Client) -> None:
    page = stranger.get(link, HTTP_ACCEPT_LANGUAGE="es")
    assert "Detener" in page.content.decode()


def test_without_a_second_channel_nothing_is_ordered(
    practice: PracticeRecord, phone: UUID, owner: Member, settings: Settings
) -> None:
    ours = settings.POCKETWARD
    settings.POCKETWARD = replace(ours, mail=replace(ours.mail, host=""))
    with pytest.raises(CommandRefused, match="needs mail"):
        fleet.order_destructive(
            device_id=phone, request_type="EraseDevice", by_member_id=owner.id, strength="passkey"
        )
    last = list(event_bodies(practice_id=practice.id))[-1]
    assert last["kind"] == "fleet.destructive_command_refused"
    assert last["reason"] == "no_second_channel"


def test_with_a_second_officer_no_link_is_sent(practice: PracticeRecord, phone: UUID, owner: Member) -> None:
    signed_in_officer(practice.id, "Grace Placeholder", "grace@example.org")
    # A day later her yes counts.
    with clock.frozen(clock.now() + timedelta(hours=25)):
        fleet.order_destructive(
            device_id=phone, request_type="EraseDevice", by_member_id=owner.id, strength="passkey"
        )
        work()
    assert mail.outbox == []
