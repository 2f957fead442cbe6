"""What the form for a new phone is filled with: the lost phone it replaces, or the code that was lost."""

import re
from itertools import count
from uuid import UUID

from django.http import HttpRequest

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import DeviceRecord, EnrollmentRecord
from pocketward.kernel.errors import PocketwardError
from pocketward.kernel.ids import parse_public_id, public_id
from pocketward.response import api as response_api
from pocketward.web.visitor import Visitor

LONGEST_NAME = 60
# Fewer iPhones than this bear one person’s name, and no model in use has a lower number.
FIRST_MODEL = 6


def suggestion(request: HttpRequest, visitor: Visitor) -> dict[str, str]:
    """The values of the form: from `?case=` the lost phone's, from `?again=` those of an earlier code."""
    if "again" in request.GET:
        return _of_code(request.GET["again"], visitor)
    case_ref = case_here(request.GET.get("case", ""))
    if not case_ref:
        return {}
    ids = response_api.get_report(case_ref=case_ref).device_ids
    return {"case": case_ref} | (_of_phone(fleet_api.get_device(device_id=ids[0]), visitor) if ids else {})


def case_here(case_ref: str) -> str:
    """The reference when the practice has such a report of a loss; empty for everything else."""
    try:
        return response_api.get_report(case_ref=case_ref).case_ref if case_ref else ""
    except PocketwardError:
        return ""


def _of_phone(phone: DeviceRecord, visitor: Visitor) -> dict[str, str]:
    taken = {device.label for device in fleet_api.devices(practice_id=visitor.practice.id)}
    taken |= {row.label for row in fleet_api.enrollments(practice_id=visitor.practice.id)}
    return _values(phone, next_name(phone.label, taken))


def _of_code(number: str, visitor: Visitor) -> dict[str, str]:
    try:
        wanted: UUID = parse_public_id("enr", number)
    except ValueError:
        return {}
    rows = fleet_api.enrollments(practice_id=visitor.practice.id)
    row = next((row for row in rows if row.id == wanted), None)
    return {**_values(row, row.label), "case": row.for_case} if row is not None else {}


def _values(one: DeviceRecord | EnrollmentRecord, label: str) -> dict[str, str]:
    member = public_id("mem", one.member_id) if one.member_id else ""
    return {"label": label, "kind": one.kind, "ownership": one.ownership, "member": member}


def next_name(label: str, taken: set[str]) -> str:
    """The same name with the next number that no phone has: "Ben’s iPhone" makes "Ben’s iPhone 2".

    A model's number ("iPhone 16") is no counting and goes: the new phone may be of another model.
    """
    counted = re.fullmatch(r"(.*\S) (\d{1,3})", label)
    stem, number = (counted[1], int(counted[2])) if counted else (label, 1)
    if stem.lower().endswith("iphone") and number >= FIRST_MODEL:
        number = 1
    stem = stem[: LONGEST_NAME - 5].rstrip()
    return next(name for n in count(number + 1) if (name := f"{stem} {n}") not in taken)
