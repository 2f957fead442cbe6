"""Keeping the rows true: a job names what may have changed, and the row is made again from the domains.

The order in which jobs run does not matter, nor how often: each reads the present truth and writes the row in
one unit of work, and the units of work of a practice take turns, so whoever writes last has read the newest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.incidents import api as incidents_api
from pocketward.overview import rows
from pocketward.overview.models import CaseRow, DeviceRow, PersonRow, PracticeRow
from pocketward.practice import api as practice_api
from pocketward.response import api as response_api
from pocketward.spine.api import JobContext, unit_of_work

REFRESH = "overview.refresh"
# Rows made again in one transaction: others must get their turn in between.
BATCH = 100
Key = TypeVar("Key")


def run_refresh(context: JobContext) -> None:
    """Make the rows again that the job names, such as `device:<uuid>`, and those that waiting jobs name."""
    wanted = _wanted([context.payload, *context.take_along()])
    for text in wanted["leaver"]:
        own = fleet_api.devices_of_member(member_id=UUID(text))
        wanted["device"].update({str(device.id): None for device in own})
    for text in wanted["cases_of"]:
        wanted["case"].update(dict.fromkeys(incidents_api.cases_of_device(device_id=UUID(text))))
    if wanted["every"]:
        every = incidents_api.cases(practice_id=context.practice_id)
        wanted["case"].update(dict.fromkeys(case.case_ref for case in every))
    people = [UUID(text) for text in wanted["member"]]
    # Then they come last in any case, and after a death too: whoever names these is tried again.
    numbers = bool(people or wanted["practice"])
    for part in _parts([UUID(text) for text in wanted["device"]]):
        refresh_devices(context.practice_id, part, numbers_follow=numbers)
        context.heartbeat()
    context.finish(lambda: _refresh(context.practice_id, people, list(wanted["case"]), numbers))


def _wanted(payloads: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, None]]:
    """Kind -> what is named of it, each once, in the order it was asked for."""
    names = ("device", "member", "case", "practice", "leaver", "cases_of", "every")
    wanted: dict[str, dict[str, None]] = {name: {} for name in names}
    for payload in payloads:
        for name in payload["about"]:
            kind, _, which = str(name).partition(":")
            wanted[kind][which] = None
    return wanted


def _refresh(practice_id: UUID, people: list[UUID], cases: list[str], numbers: bool) -> None:
    if people:
        refresh_people(practice_id, people)
    if cases:
        refresh_cases(practice_id, cases)
    if numbers:
        refresh_practice(practice_id)


@unit_of_work
def refresh_devices(practice_id: UUID, device_ids: Sequence[UUID], *, numbers_follow: bool = False) -> None:
    """Make these devices' rows again, and those of whoever had or has one.

    Where their number changes the practice's row follows at once, unless the caller makes it in any case: a
    job that is run again finds no change.
    """
    now = rows.device_rows(practice_id, device_ids)
    before = rows.settle(DeviceRow, "device_id", now, device_ids)
    had = {(row.device_id, row.member_id) for row in before.values()}
    has = {(row.device_id, row.member_id) for row in now.values()}
    people = sorted({member for _, member in had ^ has if member is not None})
    if people:
        refresh_people(practice_id, people)
    if before.keys() != now.keys() and not numbers_follow:
        refresh_practice(practice_id)


@unit_of_work
def refresh_people(practice_id: UUID, member_ids: Sequence[UUID]) -> None:
    """Make the rows of these people again."""
    rows.settle(PersonRow, "member_id", rows.person_rows(practice_id, member_ids), member_ids)


@unit_of_work
def refresh_cases(practice_id: UUID, case_refs: Sequence[str]) -> None:
    """Make the rows of these cases again, and the practice's where the number of open ones changes."""
    now = rows.case_rows(practice_id, case_refs)
    before = rows.settle(CaseRow, "case_ref", now, case_refs)
    if _open(before) != _open(now):
        refresh_practice(practice_id)


def _open(found: Mapping[str, CaseRow]) -> set[str]:
    return {case_ref for case_ref, row in found.items() if row.is_open}


@unit_of_work
def refresh_practice(practice_id: UUID) -> None:
    """Make the practice's own row again."""
    wanted = {practice_id: rows.practice_row(practice_id)}
    rows.settle(PracticeRow, "practice_id", wanted, [practice_id])


def rebuild(*, practice_id: UUID) -> int:
    """Make every row of the practice in scope again, in turns with whatever else is written; how many."""
    devices = _known(DeviceRow, "device_id", [one.id for one in fleet_api.devices(practice_id=practice_id)])
    for part in _parts(devices):
        refresh_devices(practice_id, part)
    people = [one.id for one in practice_api.members(practice_id=practice_id)]
    for part in _parts(_known(PersonRow, "member_id", people)):
        refresh_people(practice_id, part)
    cases = [one.case_ref for one in incidents_api.cases(practice_id=practice_id)]
    cases += [one.case_ref for one in response_api.unanswered(practice_id=practice_id)]
    for refs in _parts(_known(CaseRow, "case_ref", cases)):
        refresh_cases(practice_id, refs)
    refresh_practice(practice_id)
    return sum(model.objects.count() for model in (DeviceRow, PersonRow, CaseRow))


def _known(model: type[DeviceRow | PersonRow | CaseRow], key: str, present: list[Key]) -> list[Key]:
    """Those that are, and those that our list still has."""
    return list(dict.fromkeys([*present, *model.objects.values_list(key, flat=True)]))


def _parts(everything: Sequence[Key]) -> Iterator[Sequence[Key]]:
    return (everything[start : start + BATCH] for start in range(0, len(everything), BATCH))
