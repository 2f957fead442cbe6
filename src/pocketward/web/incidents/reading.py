"""Reads one case from the domains that know of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import CommandRecord, DeviceRecord
from pocketward.incidents import api as incidents_api
from pocketward.incidents.api import CaseRecord
from pocketward.kernel.errors import PocketwardError
from pocketward.ledger import api as ledger_api
from pocketward.ledger.api import Entry
from pocketward.response import api as response_api
from pocketward.response.api import AlertRecord, DoorRecord, LocationRecord, ReportRecord, StepRecord
from pocketward.web.incidents.losses import all_held, erased_since
from pocketward.web.visitor import Visitor

BEFORE: Final = timedelta(hours=24)
MOST: Final = 200


@dataclass(frozen=True)
class CaseFacts:
    """Everything a case's page is built from. `case` is None in the moment before its job has run."""

    report: ReportRecord
    case: CaseRecord | None
    steps: tuple[StepRecord, ...]
    doors: tuple[DoorRecord, ...]
    devices: tuple[DeviceRecord, ...]
    commands: tuple[CommandRecord, ...]
    entries: tuple[Entry, ...]
    frozen: dict[UUID, dict[str, object]]
    calls: tuple[AlertRecord, ...]
    locations: tuple[LocationRecord, ...]
    # When the last of its phones was proven erased; None while one is not, or has joined again.
    erased_at: datetime | None = None
    # A phone said that it was erased, and then spoke with its old identity.
    contradicted: bool = False

    @property
    def names(self) -> str:
        """The phones of the case, or what was typed when nothing matched."""
        return ", ".join(device.label for device in self.devices) or self.report.said

    @property
    def is_shut(self) -> bool:
        """Whether records are closed on every phone of it, by this report or by something before it."""
        ids = tuple(device.id for device in self.devices)
        return self.report.outcome == "closed" or (bool(ids) and all_held(self.devices[0].practice_id, ids))


def read_case(visitor: Visitor, case_ref: str) -> CaseFacts | None:
    """The case of the practice in scope; None when there is none with this reference."""
    practice_id = visitor.practice.id
    try:
        report = response_api.get_report(case_ref=case_ref)
    except PocketwardError:
        return None
    devices = tuple(fleet_api.get_device(device_id=device_id) for device_id in report.device_ids)
    commands = [
        command
        for device in devices
        for command in fleet_api.commands(device_id=device.id, case_ref=case_ref)
    ]
    return CaseFacts(
        report=report,
        case=_case(case_ref),
        steps=response_api.steps(practice_id=practice_id, case_ref=case_ref),
        doors=response_api.doors(practice_id=practice_id, case_ref=case_ref),
        devices=devices,
        commands=tuple(sorted(commands, key=lambda command: command.ordered_at, reverse=True)),
        entries=_entries(practice_id, report),
        frozen=response_api.frozen_facts(practice_id=practice_id, case_ref=case_ref),
        calls=tuple(
            call for call in response_api.unanswered(practice_id=practice_id) if call.case_ref == case_ref
        ),
        locations=response_api.locations(practice_id=practice_id, case_ref=case_ref),
        erased_at=erased_since(report.device_ids),
        contradicted=any(
            intent.state == "open" and intent.contradicted_at is not None
            for device in devices
            for intent in fleet_api.erase_intents(device_id=device.id)
            if intent.case_ref == case_ref
        ),
    )


def _case(case_ref: str) -> CaseRecord | None:
    try:
        return incidents_api.get_case(case_ref=case_ref)
    except PocketwardError:
        return None


def _entries(practice_id: UUID, report: ReportRecord) -> tuple[Entry, ...]:
    """The sealed facts of the case and of its phones since a day before the report, newest first."""
    found = {
        entry.index: entry
        for entry in ledger_api.entries(practice_id=practice_id, case_ref=report.case_ref, limit=MOST)
    }
    for device_id in report.device_ids:
        subject = f"device:{device_id}"
        for entry in ledger_api.entries(practice_id=practice_id, subject=subject, limit=MOST):
            if entry.occurred_at >= report.reported_at - BEFORE:
                found[entry.index] = entry
    return tuple(sorted(found.values(), key=lambda entry: entry.index, reverse=True))
