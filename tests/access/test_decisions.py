"""Decisions in the database: every id is found, nothing is taken twice, stored facts decide again."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pocketward.access import api as access
from pocketward.access import intake
from pocketward.access.errors import NoSuchDecision
from pocketward.access.models import DecisionMinute, DecisionRow, GateAlarm
from pocketward.gate import segments
from pocketward.kernel import clock
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import event_bodies, open_tasks
from tests.access.clinic import Door, Phone, later, sign_in


def events(practice: PracticeRecord, kind: str) -> list[dict[str, Any]]:
    """The events of a kind, oldest first."""
    return [body for body in event_bodies(practice_id=practice.id, kinds=(kind,))]


def test_a_decision_can_be_read_while_it_is_still_in_a_file(phone: Phone, door: Door, folder: Path) -> None:
    answer = door.ask(phone)
    door.gate._sink.flush()
    assert DecisionRow.objects.count() == 0
    found = access.decision(decision_id=answer.decision_id)
    assert (found.outcome, found.codes) == ("reauthenticate", ("not_signed_in",))
    door.hand_over()
    assert access.decision(decision_id=answer.decision_id) == found
    assert access.drain_decisions() == 1
    assert access.decision(decision_id=answer.decision_id) == found


def test_refusals_and_first_grants_become_rows_and_named_events_and_the_file_goes(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door, folder: Path
) -> None:
    token = sign_in(clinician, ehr, phone)
    first = door.ask(phone, token).decision_id
    again = [door.ask(phone, token).decision_id for _ in range(4)]
    refused = door.ask(phone, token, "/billing").decision_id
    door.hand_over()
    access.drain_decisions()
    assert list(folder.iterdir()) == []
    assert set(again) == {first}
    grant, refusal = events(practice, "access.decision_made")
    assert (grant["decision"], grant["outcome"], grant["actor_name"]) == (first, "allow", "Ben Sample")
    assert (refusal["decision"], refusal["reasons"]) == (refused, ["role_missing"])
    assert access.decision(decision_id=first).repeated == 4
    assert events(practice, "access.decision_repeated") == []
    with later(minutes=2):
        intake._unsealed = None
        access.drain_decisions()
    (minute,) = events(practice, "access.decision_repeated")
    assert (minute["decision"], minute["count"]) == (first, 4)


def test_a_file_read_twice_adds_nothing(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door, folder: Path
) -> None:
    token = sign_in(clinician, ehr, phone)
    for _ in range(3):
        door.ask(phone, token)
    door.ask(phone, token, pocketward_client_certificate_extra="x", x_forwarded_uri="/notes/..%2f")
    door.hand_over()
    copies = [(path, path.read_bytes()) for path in folder.iterdir()]
    for _ in range(3):
        for path, data in copies:
            path.write_bytes(data)
        access.drain_decisions()
    assert DecisionRow.objects.count() == 2
    assert DecisionMinute.objects.get().count == 2
    assert GateAlarm.objects.get().code == "address_unclear"
    assert len(events(practice, "access.decision_made")) == 2
    assert len(events(practice, "access.gate_alarm_raised")) == 1


def test_when_the_database_refuses_the_file_stays_and_is_taken_later(
    practice: PracticeRecord, phone: Phone, door: Door, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.ask(phone)
    door.hand_over()
    with monkeypatch.context() as broken:
        broken.setattr(intake, "_take_alarms", _broken)
        with pytest.raises(OSError, match="disk"):
            access.drain_decisions()
    assert len(list(folder.iterdir())) == 1
    assert access.drain_decisions() == 1
    assert DecisionRow.objects.count() == 1


def _broken(*_given: object) -> None:
    raise OSError("disk")


def test_a_count_never_shrinks_and_is_sealed_once(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    token = sign_in(clinician, ehr, phone)
    decision_id = door.ask(phone, token).decision_id
    minute = int(clock.now().timestamp()) // 60
    for count in (5, 9, 7):
        entry = segments.RepeatEntry(
            decision_id, minute, count, f"{count}", minute * 60_000, str(practice.id)
        )
        intake.take_entries(practice_id=practice.id, entries=[entry])
    assert DecisionMinute.objects.get().count == 9
    with later(minutes=5):
        for _ in range(2):
            intake._unsealed = None
            access.drain_decisions()
        late = segments.RepeatEntry(decision_id, minute, 99, "late", minute * 60_000, str(practice.id))
        intake.take_entries(practice_id=practice.id, entries=[late])
    assert [(e["count"], e["digest"]) for e in events(practice, "access.decision_repeated")] == [(9, "9")]
    assert DecisionMinute.objects.get().count == 9


def test_a_finished_file_that_is_damaged_is_kept_and_the_operator_told(
    practice: PracticeRecord, phone: Phone, door: Door, folder: Path
) -> None:
    first, second = door.ask(phone), door.ask(phone, path="/calendar")
    door.hand_over()
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    access.drain_decisions()
    assert access.decision(decision_id=first.decision_id)
    with pytest.raises(NoSuchDecision):
        access.decision(decision_id=second.decision_id)
    assert [path.suffix for path in folder.iterdir()] == [".torn"]
    assert [key for key, _ in open_tasks(practice.id)] == ["decisions-damaged"]


def test_an_open_file_of_a_gate_that_died_is_taken_over(phone: Phone, door: Door, folder: Path) -> None:
    answer = door.ask(phone)
    door.gate._sink.flush()
    assert access.drain_decisions() == 0
    segment = door.gate._sink._segment
    assert segment is not None
    segment._file.write(b"\x00\x00")
    segment._file.close()
    assert access.drain_decisions() == 1
    assert list(folder.iterdir()) == []
    assert access.decision(decision_id=answer.decision_id)


def test_an_id_that_is_none_is_not_found(practice: PracticeRecord, folder: Path) -> None:
    for text in ("", "dec_", "dec_0123", "cmd_01m86q2g9gfpvavwhnrttv0b1g", "dec_01m86q2g9gfpvavwhnrttv0b1g"):
        with pytest.raises(NoSuchDecision):
            access.decision(decision_id=text)


def test_a_decision_of_no_practice_belongs_to_the_only_one(
    practice: PracticeRecord, phone: Phone, door: Door
) -> None:
    answer = door.ask(phone, x_forwarded_host="nowhere.example.org")
    door.hand_over()
    access.drain_decisions()
    assert access.decision(decision_id=answer.decision_id).codes == ("app_unknown",)
    assert events(practice, "access.decision_made")[0]["actor"] == "system:gate"


def test_a_thousand_decisions_from_the_table_are_made_again_exactly(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    pick = random.Random(7)
    tokens = [
        sign_in(clinician, ehr, shown, strength)
        for shown in (phone, None)
        for strength in ("passkey", "totp")
    ]
    outcomes = set()
    for number in range(400):
        door.gate._recorder._kept.clear()
        if number % 20 == 0:
            phone.report(passcode_present=pick.random() < 0.7, hardware_encryption_caps=pick.choice((3, 1)))
        for path in ("/notes/1", "/calendar", "/billing"):
            shown = phone if pick.random() < 0.8 else None
            outcomes.add(door.ask(shown, pick.choice([*tokens, ""]), path).status)
    door.hand_over()
    access.drain_decisions()
    rows = list(DecisionRow.objects.all())
    assert len(rows) >= 1000
    assert outcomes == {204, 401, 403}
    assert all(access.decision_can_be_made_again(decision_id=row_id(row)) for row in rows)
    access.set_default_rules(practice_id=practice.id, by="system:test")
    assert access.decision_can_be_made_again(decision_id=row_id(rows[0]))


def row_id(row: DecisionRow) -> str:
    """The public id of a row."""
    from pocketward.kernel.ids import public_id

    return public_id("dec", row.pk)


def test_an_altered_decision_is_not_made_again(phone: Phone, door: Door) -> None:
    answer = door.ask(phone)
    door.hand_over()
    access.drain_decisions()
    row = DecisionRow.objects.get()
    altered = bytes(row.stored).replace(b"not_signed_in", b"session_other")
    DecisionRow.objects.filter(pk=row.pk).update(stored=altered)
    assert not access.decision_can_be_made_again(decision_id=answer.decision_id)


def test_decisions_are_listed_newest_first_and_filtered(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    token = sign_in(clinician, ehr, phone)
    door.ask(phone, token)
    door.ask(phone, token, "/billing")
    door.ask(None)
    door.hand_over()
    access.drain_decisions()
    everything = access.decisions(practice_id=practice.id)
    assert len(everything) == 3
    assert [one.made_at for one in everything] == sorted((one.made_at for one in everything), reverse=True)
    assert len(access.decisions(practice_id=practice.id, device_id=phone.device_id)) == 2
    assert len(access.decisions(practice_id=practice.id, outcome="refuse")) == 2
    assert len(access.decisions(practice_id=practice.id, limit=1)) == 1
    assert access.decisions(practice_id=practice.id, before=everything[-1].made_at) == ()


def test_a_refusal_is_explained_to_each_reader_in_their_words(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    token = sign_in(clinician, ehr, phone)
    phone.report(passcode_present=False)
    answer = door.ask(phone, token)
    door.hand_over()
    access.drain_decisions()

    def said(audience: Any, language: str = "en") -> Any:
        return access.explain_decision(decision_id=answer.decision_id, audience=audience, language=language)

    person = said("person")
    assert person.title == "Records are closed on this phone"
    assert "This phone has no passcode. Anyone who finds it can open patient records." in [
        step.cause for step in person.steps
    ]
    assert person.emergency_hint
    assert person.lines == ()
    assert any("código" in step.cause for step in said("person", "es").steps)
    officer = {line.name: line.value for line in said("officer").lines}
    assert officer["Roles"] == "clinician"
    auditor = json.dumps([line.value for line in said("auditor").lines])
    assert "no_passcode" in auditor
