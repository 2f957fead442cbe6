"""Officers are called one after the other until one answers; mails say nothing that harms."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from django.core import mail
from pytest_django import Settings

from pocketward.access.events import EmergencyAccessOpened
from pocketward.kernel import clock
from pocketward.kernel.ids import uuid7
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.response import mails
from pocketward.response.models import Alert
from pocketward.spine.api import event_bodies, open_tasks, record, unit_of_work
from pocketward.spine.models import Job
from tests.response.conftest import bodies, confirm, drain, later, reverse, step
from tests.web.clinic import Clinic


def called(practice: PracticeRecord, case_ref: str) -> list[str]:
    return [str(event["member_id"]) for event in bodies(practice, case_ref, "response.officer_alerted")]


def test_the_call_is_a_job_of_the_reports_own_transaction(
    practice: PracticeRecord, clinic: Clinic, phone: UUID
) -> None:
    clinic.lose("Ben Sample")
    assert Job.objects.filter(kind="response.alert", state=Job.READY).count() == 1


def test_the_first_on_call_is_called_by_page_and_mail_in_their_language(
    practice: PracticeRecord, case: str, second: Member
) -> None:
    assert called(practice, case) == [str(second.id)]
    (alert,) = response_api.unanswered(practice_id=practice.id)
    assert (alert.member_id, alert.case_ref) == (second.id, case)
    (letter,) = mail.outbox
    assert letter.to == ["grace@example.org"]
    assert letter.subject == "Pocketward le necesita"
    assert Alert.objects.get().mailed_at is not None


def test_unanswered_after_five_minutes_goes_to_the_next(
    practice: PracticeRecord, case: str, owner: Member, second: Member
) -> None:
    with later(minutes=4.9):
        assert called(practice, case) == [str(second.id)]
    with later(minutes=5.1):
        assert called(practice, case) == [str(second.id), str(owner.id)]
    with later(minutes=40):
        assert len(called(practice, case)) == 2
    with later(minutes=66):
        assert len(called(practice, case)) == 3


def test_an_answer_ends_the_calling_and_the_step(practice: PracticeRecord, case: str, owner: Member) -> None:
    assert step(practice, case, "tell_officers").state == "running"
    assert response_api.answer_alert(practice_id=practice.id, case_ref=case, by_member_id=owner.id)
    assert not response_api.answer_alert(practice_id=practice.id, case_ref=case, by_member_id=owner.id)
    told = step(practice, case, "tell_officers")
    assert (told.state, told.receipt) == ("done", "Dana Example takes the case.")
    with later(hours=3):
        assert len(called(practice, case)) == 1
    assert response_api.unanswered(practice_id=practice.id) == ()


@pytest.mark.parametrize("act", ["confirm", "reverse", "identify"])
def test_whatever_an_officer_does_in_the_case_answers_the_call(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, clinician: Member, owner: Member, act: str
) -> None:
    case_ref = clinic.lose("Benn Sampel" if act == "identify" else "Ben Sample")
    drain()
    if act == "identify":
        response_api.identify_loss(case_ref=case_ref, by_member_id=owner.id, member_id=clinician.id)
    else:
        {"confirm": confirm, "reverse": reverse}[act](case_ref, owner)
    assert response_api.unanswered(practice_id=practice.id) == ()
    assert response_api.taken_by(practice_id=practice.id, case_ref=case_ref) == f"member:{owner.id}"
    with later(hours=2):
        assert len(called(practice, case_ref)) == 1


def test_the_persons_own_word_is_no_officers_answer_and_a_second_officer_takes_nothing_away(
    practice: PracticeRecord, case: str, clinician: Member, owner: Member, second: Member
) -> None:
    response_api.confirm_loss(case_ref=case, by_member_id=clinician.id)
    assert response_api.unanswered(practice_id=practice.id) != ()
    response_api.answer_alert(practice_id=practice.id, case_ref=case, by_member_id=second.id)
    confirm(case, owner)
    assert response_api.taken_by(practice_id=practice.id, case_ref=case) == f"member:{second.id}"
    assert len(bodies(practice, case, "response.alert_answered")) == 1


def test_an_answer_before_the_first_call_stops_that_call_too(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, owner: Member
) -> None:
    case_ref = clinic.lose("Ben Sample")
    response_api.answer_alert(practice_id=practice.id, case_ref=case_ref, by_member_id=owner.id)
    drain()
    assert called(practice, case_ref) == []


def test_with_nobody_to_call_a_task_opens(practice: PracticeRecord) -> None:
    response_api.report_loss(
        practice_id=practice.id, said="Anybody", when_seen="now", callback="", network="z" * 64
    )
    drain()
    assert any(key.startswith("nobody-on-call:") for key, _ in open_tasks(practice.id))


@unit_of_work
def open_emergency(practice: PracticeRecord, member: Member) -> None:
    record(
        EmergencyAccessOpened(
            practice_id=practice.id, actor=f"member:{member.id}", actor_name=member.full_name,
            subject=f"member:{member.id}", grant_id=uuid7(), member_id=member.id, app_id=uuid7(),
            app_name="Harbor EHR", reason="patient_waiting", strength="passkey", expires_at=clock.now(),
        )
    )  # fmt: skip


def test_emergency_access_is_told_to_every_other_officer_at_once(
    practice: PracticeRecord, owner: Member, second: Member, clinician: Member
) -> None:
    practice_api.add_member(
        practice_id=practice.id, full_name="Ada Auditor", email="ada@example.org", role_names=("auditor",),
        by="system:test",
    )  # fmt: skip
    open_emergency(practice, clinician)
    drain()
    assert sorted(item.to[0] for item in mail.outbox) == ["dana@example.org", "grace@example.org"]
    mail.outbox.clear()
    open_emergency(practice, owner)
    drain()
    assert [item.to[0] for item in mail.outbox] == ["grace@example.org"]


def test_an_owner_link_is_told_to_every_officer(
    practice: PracticeRecord, owner: Member, second: Member, clinician: Member
) -> None:
    practice_api.make_owner_link(practice_id=practice.id, member_id=owner.id, host_user="root")
    drain()
    assert sorted(item.to[0] for item in mail.outbox) == ["dana@example.org", "grace@example.org"]
    (told,) = event_bodies(practice_id=practice.id, kinds=("response.owner_link_told",))
    assert set(told["member_ids"]) == set(told["by_mail"]) == {str(owner.id), str(second.id)}


def test_without_mail_an_owner_link_is_told_on_home_and_no_mail_is_claimed(
    practice: PracticeRecord, owner: Member, settings: Settings
) -> None:
    ours = settings.POCKETWARD
    settings.POCKETWARD = replace(ours, mail=replace(ours.mail, host=""))
    practice_api.make_owner_link(practice_id=practice.id, member_id=owner.id, host_user="root")
    drain()
    assert mail.outbox == []
    (told,) = event_bodies(practice_id=practice.id, kinds=("response.owner_link_told",))
    assert (told["member_ids"], told["by_mail"]) == ([str(owner.id)], [])


def test_the_first_owners_link_tells_nobody_for_there_is_nobody(practice: PracticeRecord) -> None:
    practice_api.make_owner_link(practice_id=None, member_id=None, host_user="first run")
    drain()
    assert mail.outbox == []
    assert list(event_bodies(practice_id=practice.id, kinds=("response.owner_link_told",))) == []


@pytest.mark.parametrize("name", mails.mail_names())
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_mail_names_nobody_and_no_app_and_links_nothing(name: str, language: str) -> None:
    subject, body = mails.mail_text(name, language)
    said = f"{subject}\n{body}"
    assert "http" not in said
    assert "{" not in said
    assert "%" not in said
    for word in ("Ben", "patient", "paciente", "Chart", "EHR", "notes"):
        assert word not in said
    other = mails.mail_text(name, "es" if language == "en" else "en")
    assert (subject, body) != other


def step_receipt(practice: PracticeRecord, case_ref: str) -> str:
    return step(practice, case_ref, "tell_officers").receipt


def test_without_mail_a_call_says_that_it_stands_under_incidents_only(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, second: Member, settings: Settings
) -> None:
    ours = settings.POCKETWARD
    settings.POCKETWARD = replace(ours, mail=replace(ours.mail, host=""))
    case_ref = clinic.lose("Ben Sample")
    drain()
    (told,) = bodies(practice, case_ref, "response.officer_alerted")
    assert told["mail"] == "not_configured"
    assert step_receipt(practice, case_ref).startswith("Grace Placeholder is told under Incidents only")
    (alert,) = response_api.unanswered(practice_id=practice.id)
    assert (alert.mail_state, alert.seen_at) == ("not_configured", None)
    assert bodies(practice, case_ref, "response.alert_mailed") == []
    with later(minutes=4.9):
        assert len(called(practice, case_ref)) == 1
    with later(minutes=5.1):
        assert len(called(practice, case_ref)) == 2


def test_a_sent_mail_is_written_down_as_sent(practice: PracticeRecord, case: str, second: Member) -> None:
    (told,) = bodies(practice, case, "response.alert_mailed")
    assert (told["member_id"], told["outcome"]) == (str(second.id), "sent")
    assert response_api.unanswered(practice_id=practice.id)[0].mail_state == "sent"


def test_a_mail_that_fails_says_so_and_the_next_person_is_called_at_once(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, owner: Member, second: Member, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "tests.response.test_alerts.NoServer"
    case_ref = clinic.lose("Ben Sample")
    drain()
    assert called(practice, case_ref) == [str(second.id), str(owner.id)]
    failed = bodies(practice, case_ref, "response.alert_mailed")
    assert [event["outcome"] for event in failed] == ["failed", "failed"]
    assert {alert.mail_state for alert in response_api.unanswered(practice_id=practice.id)} == {"failed"}
    with later(minutes=6):
        assert len(called(practice, case_ref)) == 2
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with later(minutes=50):
        assert {alert.mail_state for alert in response_api.unanswered(practice_id=practice.id)} == {"sent"}
        assert len(called(practice, case_ref)) == 2
    with later(minutes=61):
        assert len(called(practice, case_ref)) == 3


def test_somebody_without_an_address_is_not_waited_for(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, owner: Member
) -> None:
    unreachable = practice_api.add_member(
        practice_id=practice.id, full_name="Noel Nomail", role_names=("it_lead",), on_call_rank=0,
        by="system:test",
    )  # fmt: skip
    case_ref = clinic.lose("Ben Sample")
    drain()
    told = bodies(practice, case_ref, "response.officer_alerted")
    assert [event["mail"] for event in told] == ["no_address", "queued"]
    assert told[0]["member_id"] == str(unreachable.id)


def test_that_a_called_officer_opened_the_case_is_written_down_once(
    practice: PracticeRecord, case: str, owner: Member, second: Member
) -> None:
    for person in (owner, second, second):
        response_api.note_seen(practice_id=practice.id, case_ref=case, by_member_id=person.id)
    (seen,) = bodies(practice, case, "response.alert_seen")
    assert seen["member_id"] == str(second.id)


class NoServer:
    """A mail server that does not answer."""

    def __init__(self, **_: object) -> None: ...

    def send_messages(self, messages: object) -> int:
        raise ConnectionRefusedError
