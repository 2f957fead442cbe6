"""Phones reported lost whose case is open, as Home speaks of them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import DeviceRecord
from pocketward.incidents import api as incidents_api
from pocketward.incidents.api import CaseRecord
from pocketward.kernel.ids import public_id
from pocketward.response import api as response_api
from pocketward.web.home.world import OpenLoss
from pocketward.web.visitor import Visitor


def open_losses(visitor: Visitor) -> tuple[OpenLoss, ...]:
    """One line an open case with a phone, the newest report first."""
    found = incidents_api.cases(practice_id=visitor.practice.id, only_open=True)
    return tuple(_loss(visitor, case) for case in found if case.labels)


def all_held(practice_id: UUID, device_ids: tuple[UUID, ...]) -> bool:
    """Whether every one of these phones opens nothing already, whatever closed it; no for none."""
    held = access_api.held_devices(practice_id=practice_id, device_ids=device_ids)
    return bool(device_ids) and set(held) == set(device_ids)


def still_held(practice_id: UUID, devices: Iterable[DeviceRecord]) -> tuple[str, ...]:
    """The labels of those of these phones that something holds."""
    found = tuple(devices)
    held = access_api.held_devices(practice_id=practice_id, device_ids=tuple(item.id for item in found))
    return tuple(item.label for item in found if item.id in held)


def erased_since(device_ids: Iterable[UUID]) -> datetime | None:
    """When the last of these phones was proven erased; None while one is not, or has joined again."""
    found = [fleet_api.erased_at(device_id=device_id) for device_id in device_ids]
    proven = [at for at in found if at is not None]
    return max(proven) if proven and len(proven) == len(found) else None


def _loss(visitor: Visitor, case: CaseRecord) -> OpenLoss:
    practice_id = visitor.practice.id
    report = response_api.get_report(case_ref=case.case_ref)
    doors = response_api.doors(practice_id=practice_id, case_ref=case.case_ref)
    steps = response_api.steps(practice_id=practice_id, case_ref=case.case_ref)
    closed = report.outcome == "closed" or all_held(visitor.practice.id, case.device_ids)
    slowest = max((door.milliseconds or 0 for door in doors if door.is_closed), default=0)
    waiting = next((step.title for step in steps if step.state == "needs_person"), "")
    return OpenLoss(
        case_id=case.case_ref,
        phone_name=", ".join(case.labels),
        reported_at=report.reported_at,
        closed=closed,
        doors_ours=all(door.is_closed for door in doors),
        closed_after_s=slowest / 1000 if closed and slowest else None,
        erased_at=erased_since(report.device_ids),
        phones=frozenset(public_id("dev", device_id) for device_id in report.device_ids),
        next_step=_("Next: %(step)s.") % {"step": waiting[0].lower() + waiting[1:]} if waiting else "",
    )
