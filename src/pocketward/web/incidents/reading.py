"""Reads one case, and the list of cases, from the domains that know them."""

from dataclasses import dataclass
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import CommandRecord, DeviceRecord
from pocketward.kernel.errors import PocketwardError
from pocketward.ledger import api as ledger_api
from pocketward.ledger.api import Entry
from pocketward.response import api as response_api
from pocketward.response.api import DoorRecord, ReportRecord, StepRecord
from pocketward.web.visitor import Visitor


@dataclass(frozen=True)
class CaseFacts:
    """Everything a case's page is built from."""

    report: ReportRecord
    steps: tuple[StepRecord, ...]
    doors: tuple[DoorRecord, ...]
    devices: tuple[DeviceRecord, ...]
    commands: tuple[CommandRecord, ...]
    entries: tuple[Entry, ...]
    frozen: dict[UUID, dict[str, object]]
    unanswered: bool

    @property
    def names(self) -> str:
        """The phones of the case, or what was typed when nothing matched."""
        return ", ".join(device.label for device in self.devices) or self.report.said


def read_case(visitor: Visitor, case_ref: str, *, brief: bool = False) -> CaseFacts | None:
    """The case of the practice in scope; None when there is none with this reference.

    `brief` leaves out commands, entries and frozen facts, for lists.
    """
    practice_id = visitor.practice.id
    try:
        report = response_api.get_report(case_ref=case_ref)
    except PocketwardError:
        return None
    devices = tuple(fleet_api.get_device(device_id=device_id) for device_id in report.device_ids)
    commands = [
        command
        for device in (() if brief else devices)
        for command in fleet_api.commands(device_id=device.id, case_ref=case_ref)
    ]
    return CaseFacts(
        report=report,
        steps=response_api.steps(practice_id=practice_id, case_ref=case_ref),
        doors=response_api.doors(practice_id=practice_id, case_ref=case_ref),
        devices=devices,
        commands=tuple(sorted(commands, key=lambda command: command.ordered_at, reverse=True)),
        entries=() if brief else ledger_api.entries(practice_id=practice_id, case_ref=case_ref, limit=200),
        frozen={} if brief else response_api.frozen_facts(practice_id=practice_id, case_ref=case_ref),
        unanswered=case_ref in {alert.case_ref for alert in response_api.unanswered(practice_id=practice_id)},
    )
