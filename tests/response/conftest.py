"""A clinic with two officers, a nurse and their phones; jobs run when a test says so, on a movable clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from pytest_django import Settings

from pocketward.fleet import api as fleet_api
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.spine.api import event_bodies, run_due
from tests.factories.officers import signed_in_officer
from tests.web.clinic import Clinic


@pytest.fixture(autouse=True)
def _mail_server(settings: Settings) -> None:
    """A demo world with a mail server, so that mails are queued and sent into Django's outbox."""
    ours = settings.POCKETWARD
    settings.POCKETWARD = replace(ours, world="demo", mail=replace(ours.mail, host="127.0.0.1"))


@pytest.fixture
def second(practice: PracticeRecord, owner: Member) -> Member:
    """A second officer, the first of the on-call list."""
    return signed_in_officer(
        practice.id, "Grace Placeholder", "grace@example.org", language="es", on_call_rank=1
    )


@pytest.fixture
def clinic(practice: PracticeRecord, owner: Member, second: Member) -> Clinic:
    return Clinic(practice)


@pytest.fixture
def phone(clinic: Clinic, clinician: Member) -> UUID:
    """Ben's supervised, practice-owned, sound iPhone."""
    made = clinic.phone("Ben’s iPhone 16", member=clinician)
    clinic.report(made)
    return made


@pytest.fixture
def case(clinic: Clinic, phone: UUID) -> str:
    """Somebody reported Ben's phone lost, and every job has run."""
    case_ref = clinic.lose("Ben Sample")
    drain()
    return case_ref


def person_with(practice: PracticeRecord, owner: Member, role: str) -> Member:
    """Somebody of this practice with one role; a technician comes through their provider's grant."""
    if role != "service_technician":
        return practice_api.add_member(
            practice_id=practice.id,
            full_name="Rae Role",
            role_names=(role,) if role else (),
            by="system:test",
        )
    member_id = practice_api.give_service_grant(
        practice_id=practice.id, provider="Harbor IT", full_name="Rae Role", email="rae@helpdesk.example",
        until=clock.now() + timedelta(days=30), by_member_id=owner.id,
    )  # fmt: skip
    return practice_api.get_member(member_id=member_id)


def confirm(case_ref: str, officer: Member) -> None:
    """An officer confirms the loss, and every job has run: the lock is ordered."""
    response_api.confirm_loss(case_ref=case_ref, by_member_id=officer.id)
    drain()


def reverse(case_ref: str, officer: Member) -> None:
    """An officer opens records again, from nowhere near the phone."""
    response_api.reverse(
        case_ref=case_ref, by_member_id=officer.id, network="e" * 64, session_device_ids=frozenset()
    )


def drain() -> None:
    """Run jobs until none is due."""
    while run_due():
        pass


@contextmanager
def later(**delta: float) -> Iterator[datetime]:
    """The same clinic after a while, with its jobs run."""
    moment = clock.now() + timedelta(**delta)
    with clock.frozen(moment):
        drain()
        yield moment


def kinds(practice: PracticeRecord, case_ref: str) -> list[str]:
    """The kinds of what is recorded under a case, oldest first."""
    return [str(event["kind"]) for event in bodies(practice, case_ref)]


def bodies(practice: PracticeRecord, case_ref: str, kind: str = "") -> list[dict[str, object]]:
    """What is recorded under a case, oldest first; of one kind, if it is named."""
    found = [dict(event) for event in event_bodies(practice_id=practice.id, case_ref=case_ref, limit=2000)]
    found.sort(key=lambda event: int(str(event["seq"])))
    return [event for event in found if not kind or event["kind"] == kind]


def step(practice: PracticeRecord, case_ref: str, name: str) -> response_api.StepRecord:
    """One step of a case."""
    return next(s for s in response_api.steps(practice_id=practice.id, case_ref=case_ref) if s.step == name)


def command(device_id: UUID, kind: str) -> fleet_api.CommandRecord:
    """The newest command of a kind."""
    return next(item for item in fleet_api.commands(device_id=device_id) if item.request_type == kind)


def answer(device_id: UUID, kind: str, error: str = "") -> None:
    """Let the phone fetch what waits for it and answer the command of this kind."""
    from pocketward.fleet import queue

    found = command(device_id, kind)
    handed = queue.next_command(enrollment_id=found.enrollment_id, idle=True)
    while handed is not None and handed.id != found.id:
        queue.finish_command(command_id=handed.id, enrollment_id=found.enrollment_id)
        handed = queue.next_command(enrollment_id=found.enrollment_id, idle=True)
    assert handed is not None, f"{kind} was not handed out"
    queue.finish_command(command_id=found.id, enrollment_id=found.enrollment_id, error=error)
    drain()
