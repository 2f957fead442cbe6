"""Whose phone is it? An officer answers for a report that fits nobody, or several."""

from __future__ import annotations

import time
from dataclasses import dataclass
from difflib import SequenceMatcher
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import DeviceRecord
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member
from pocketward.response import alerts, doors, steps
from pocketward.response.errors import NoSuchReport, ResponseError
from pocketward.response.events import LossIdentified
from pocketward.response.models import CLOSED, DONE, LOST, PAGED_ONLY, SIGHTING, LossReport
from pocketward.response.restoring import lost_report
from pocketward.response.rights import officer_here
from pocketward.spine.api import record, unit_of_work

# How alike two names must be to be shown (0 to 1), how many are shown, and of how many reports.
ALIKE, MOST_SHOWN, MOST_TEXTS = 0.72, 8, 20


@dataclass(frozen=True)
class Candidate:
    """Somebody, or a shared tablet, that a report may mean; `labels` are the phones that would be closed."""

    member_id: UUID | None
    device_id: UUID | None
    name: str
    labels: tuple[str, ...]
    has_left: bool
    likeness: float


@dataclass(frozen=True)
class _Phones:
    """What a choice comes to: whose, and which phones."""

    member_id: UUID | None
    name: str
    devices: tuple[DeviceRecord, ...]


def candidates(*, practice_id: UUID, case_ref: str, search: str = "") -> tuple[Candidate, ...]:
    """Whom the reports of a case may mean, the likeliest first; with `search`, whom that finds instead.

    Everybody who works here is compared, and who left and still has a phone; tablets by their label.
    """
    texts = [search] if search.strip() else _typed(practice_id, case_ref)
    found = [
        *_people(practice_id, texts),
        *(
            Candidate(None, device.id, device.label, (device.label,), False, _best(texts, (device.label,)))
            for device in fleet_api.devices(practice_id=practice_id)
            if device.shared
        ),
    ]
    near = [item for item in found if item.likeness >= ALIKE]
    return tuple(sorted(near, key=lambda item: (-item.likeness, item.name)))[:MOST_SHOWN]


def fits(*, case_ref: str) -> int:
    """How many people and tablets fit exactly what was typed in the case's report, as things stand now.

    Who left counts while a phone of theirs is here, as when the report was matched. 0 for an unknown case.
    """
    row = LossReport.objects.filter(case_ref=case_ref, kind=LOST).first()
    if row is None:
        return 0
    people = [
        person
        for person in practice_api.find_members(practice_id=row.practice_id, text=row.said, with_left=True)
        if person.left_at is None or fleet_api.devices_of_member(member_id=person.id)
    ]
    return len(people) + len(fleet_api.devices_by_label(practice_id=row.practice_id, label=row.said))


def _typed(practice_id: UUID, case_ref: str) -> list[str]:
    rows = LossReport.objects.filter(practice_id=practice_id, case_ref=case_ref, kind__in=(LOST, SIGHTING))
    return [row.said for row in rows.order_by("-reported_at")[:MOST_TEXTS]]


def _people(practice_id: UUID, texts: list[str]) -> list[Candidate]:
    phones: dict[UUID, list[str]] = {}
    for device in fleet_api.devices(practice_id=practice_id):
        if device.member_id is not None and not device.shared:
            phones.setdefault(device.member_id, []).append(device.label)
    return [
        Candidate(
            person.id, None, person.full_name, tuple(phones.get(person.id, ())), person.left_at is not None,
            _best(texts, (person.full_name, person.email)),
        )
        for person in practice_api.members(practice_id=practice_id, with_left=True)
        if person.left_at is None or person.id in phones
    ]  # fmt: skip


def _best(texts: list[str], names: tuple[str, ...]) -> float:
    return max((_likeness(text, name) for text in texts for name in names if name), default=0.0)


def _likeness(typed: str, name: str) -> float:
    """1 for the same, near 1 for a part of the name or a slip of the finger, 0 for nothing alike."""
    one, other = practice_api.normalized_name(typed), practice_api.normalized_name(name)
    if one == other:
        return 1.0
    # Everybody's address ends alike: only what is before the sign tells people apart.
    one, other = one.partition("@")[0], other.partition("@")[0]
    words, parts = set(one.split()), set(other.replace(".", " ").split())
    if words and (words <= parts or (len(one) >= 3 and one in other)):
        return 0.9
    return SequenceMatcher(None, one[:80], other[:80]).ratio()


@unit_of_work
def identify_loss(
    *, case_ref: str, by_member_id: UUID, member_id: UUID | None = None, device_id: UUID | None = None
) -> None:
    """An officer says whose phone it is: it closes as if the report had fit, and the phone may be locked.

    `member_id` means that person's own phones, `device_id` one shared tablet. The same answer again changes
    nothing. NotAllowed for anybody but an officer; ResponseError when it is settled otherwise, or when there
    is no phone to close.
    """
    row = lost_report(case_ref)
    person = officer_here(practice_id=row.practice_id, member_id=by_member_id)
    found = _phones_of(row.practice_id, member_id, device_id)
    ids = tuple(device.id for device in found.devices)
    if _is_settled(row, found.member_id, ids):
        return
    by = f"member:{by_member_id}"
    LossReport.objects.filter(pk=row.pk).update(
        outcome=CLOSED, member_id_matched=found.member_id, device_ids=[str(item) for item in ids],
        confirmed_by=by, confirmed_at=clock.now(),
    )  # fmt: skip
    doors.freeze_facts(row.practice_id, case_ref, ids)
    doors.close_doors(row.practice_id, case_ref, ids, found.member_id, by, time.monotonic())
    record(
        LossIdentified(
            practice_id=row.practice_id, actor=by, actor_name=person.full_name, case_ref=case_ref,
            subject=f"member:{found.member_id}" if found.member_id else f"case:{case_ref}", report_id=row.id,
            member_id=found.member_id, member_name=found.name, device_ids=ids,
            labels=tuple(device.label for device in found.devices),
        )
    )  # fmt: skip
    _move_steps(row, by)
    alerts.answered_by_acting(practice_id=row.practice_id, case_ref=case_ref, by_member_id=by_member_id)


def _is_settled(row: LossReport, member_id: UUID | None, ids: tuple[UUID, ...]) -> bool:
    """Whether this very answer was given before; raises when another was, or the case is over."""
    if row.restored_at is not None:
        raise NoSuchReport("This report was reversed already. Report the phone anew.")
    if row.outcome != PAGED_ONLY:
        if row.member_id_matched == member_id and (member_id or set(row.device_ids) == {str(i) for i in ids}):
            return True
        raise ResponseError("It is settled already whose phone this is. Report the other phone by its name.")
    if row.case_closed_at is not None:
        raise ResponseError("The case is closed. Report the phone anew.")
    return False


def _phones_of(practice_id: UUID, member_id: UUID | None, device_id: UUID | None) -> _Phones:
    if device_id is not None and member_id is None:
        return _tablet(practice_id, device_id)
    if member_id is None or device_id is not None:
        raise ResponseError("Choose one person, or one tablet.")
    person: Member = practice_api.get_member(member_id=member_id)
    own = fleet_api.devices_of_member(member_id=member_id)
    phones = _Phones(member_id, person.full_name, tuple(item for item in own if not item.shared))
    if person.practice_id != practice_id or not phones.devices:
        raise ResponseError("This person has no phone here.")
    return phones


def _tablet(practice_id: UUID, device_id: UUID) -> _Phones:
    device = fleet_api.get_device(device_id=device_id)
    if device.practice_id != practice_id or device.removed_at is not None:
        raise ResponseError("This tablet is not here.")
    return _Phones(device.member_id, "", (device,))


def _move_steps(row: LossReport, by: str) -> None:
    practice_id, case_ref = row.practice_id, row.case_ref
    receipt = "Closed by an officer who knows whose phone it is."
    steps.finish(practice_id=practice_id, case_ref=case_ref, step="close_records", receipt=receipt, by=by)
    steps.finish(practice_id=practice_id, case_ref=case_ref, step="confirm", receipt="Confirmed.", by=by)
    shown = {item.step: item for item in steps.steps(practice_id=practice_id, case_ref=case_ref)}
    known = doors.doors(practice_id=practice_id, case_ref=case_ref)
    if shown["doors"].state == DONE and not all(door.is_closed for door in known):
        receipt = "Now it is known whose phone it is: doors are left."
        steps.reopen(practice_id=practice_id, case_ref=case_ref, step="doors", receipt=receipt, by=by)
    steps.contain_now(practice_id=practice_id, case_ref=case_ref)
