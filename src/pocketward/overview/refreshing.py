"""Keeping the rows true: a job names what may have changed, and the row is made again from the domains.

The order in which jobs run does not matter, nor how often: each reads the present truth and writes the row in
one unit of work, and the units of work of a practice take turns, so whoever writes last has read the newest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar
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
    """Make the rows again that the job names, such as `device:<uuid>`."""
    names = ("device", "member", "case", "practice", "leaver", "cases_of", "every")
    wanted: dict[str, list[str]] = {name: [] for name in names}
    for name in context.payload["about"]:
        kind, _, which = str(name).partition(":")
        wanted[kind].append(which)
    for text in wanted["leaver"]:
        own = fleet_api.devices_of_member(member_id=UUID(text))
        wanted["device"] += [str(device.id) for device in own]
    for text in wanted["cases_of"]:
        wanted["case"] += incidents_api.cases_of_device(device_id=UUID(text))
    if wanted["every"]:
        wanted["case"] += [case.case_ref for case in incidents_api.cases(practice_id=context.practice_id)]
    numbers = bool(wanted["member"] or wanted["case"] or wanted["practice"])
    for part in _parts([UUID(text) for text in wanted["device"]]):
        numbers = refresh_devices(context.practice_id, part) or numbers
        context.heartbeat()
    people = [UUID(text) for text in wanted["member"]]
    context.finish(lambda: _refresh(context.practice_id, people, wanted["case"], numbers))


def _refresh(practice_id: UUID, people: list[UUID], cases: list[str], numbers: bool) -> None:
    if people:
        refresh_people(practice_id, people)
    if cases:
        refresh_cases(practice_id, cases)
    if numbers:
        refresh_practice(practice_id)


@unit_of_work
def refresh_devices(practice_id: UUID, device_ids: Sequence[UUID]) -> bool:
    """Make these devices' rows again, and those of whoever had or has one; whether their number changed."""
    now = rows.device_rows(practice_id, device_ids)
    before = rows.settle(DeviceRow, "device_id", now, device_ids)
    had = {(row.device_id, row.member_id) for row in before.values()}
    has = {(row.device_id, row.member_id) for row in now.values()}
    people = sorted({member for _, member in had ^ has if member is not None})
    if people:
        refresh_people(practice_id, people)
    return before.keys() != now.keys()


@unit_of_work
def refresh_people(practice_id: UUID, member_ids: Sequence[UUID]) -> None:
    """Make the rows of these people again."""
    rows.settle(PersonRow, "member_id", rows.person_rows(practice_id, member_ids), member_ids)


@unit_of_work
def refresh_cases(practice_id: UUID, case_refs: Sequence[str]) -> None:
    """Make the rows of these cases again."""
    rows.settle(CaseRow, "case_ref", rows.case_rows(practice_id, case_refs), case_refs)


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
