"""Rows from the truth: each is read through the domains' doors and written when it differs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import DeviceRecord
from pocketward.incidents import api as incidents_api
from pocketward.incidents.api import CaseRecord
from pocketward.incidents.errors import NoSuchCase
from pocketward.overview.models import CALL, CASE, CaseRow, DeviceRow, PersonRow, PracticeRow
from pocketward.overview.standing import Standing, stand
from pocketward.posture import api as posture_api
from pocketward.practice import api as practice_api
from pocketward.practice.errors import NoSuchMember
from pocketward.response import api as response_api
from pocketward.response.errors import NoSuchReport
from pocketward.spine.api import PracticeModel

Row = TypeVar("Row", bound=PracticeModel)


def sort_key(text: str) -> str:
    """Text as it is ordered: no case, no accents, and iPad 2 before iPad 10."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(6), practice_api.normalized_name(text))[:300]


def device_rows(practice_id: UUID, device_ids: Sequence[UUID]) -> dict[UUID, DeviceRow]:
    """The rows of those devices that are on the list now, by device."""
    found = fleet_api.devices(practice_id=practice_id, device_ids=device_ids)
    ids = [device.id for device in found]
    judged = posture_api.postures(practice_id=practice_id, device_ids=ids)
    held = access_api.held_devices(practice_id=practice_id, device_ids=ids)
    erased = fleet_api.erased(device_ids=ids)
    users = [device.member_id for device in found if device.member_id is not None]
    people = practice_api.members(practice_id=practice_id, with_left=True, member_ids=users)
    users_by_id = {person.id: person for person in people}
    made = {}
    for device in found:
        user = users_by_id[device.member_id] if device.member_id else None
        standing = stand(
            device=device, posture=judged.get(device.id), hold=held.get(device.id, ""),
            holder_left=user is not None and user.left_at is not None, erased=device.id in erased,
        )  # fmt: skip
        made[device.id] = _device_row(device, standing, user.full_name if user is not None else "")
    return made


def _device_row(device: DeviceRecord, standing: Standing, person: str) -> DeviceRow:
    return DeviceRow(
        practice_id=device.practice_id,
        device_id=device.id,
        member_id=device.member_id,
        label=device.label,
        label_key=sort_key(device.label),
        person=person,
        person_key=sort_key(person),
        serial=device.serial,
        search=practice_api.normalized_name(f"{device.label} {person} {device.serial}")[:400],
        kind=device.kind,
        ownership=device.ownership,
        shared=device.shared,
        enrollment_state=device.enrollment_state,
        heard_at=device.last_heard_at,
        lost_at=device.lost_at,
        case_ref=device.lost_case_ref,
        settled=standing.settled,
        reason=standing.reason,
        failing=standing.check,
        failing_code=standing.check_code,
        silent_at=standing.silent_at,
        stale_at=standing.stale_at,
    )


def person_rows(practice_id: UUID, member_ids: Sequence[UUID]) -> dict[UUID, PersonRow]:
    """The rows of those people who work here now, by person; their phones are counted on our own list."""
    found = practice_api.members(practice_id=practice_id, member_ids=member_ids)
    counted = DeviceRow.objects.filter(practice_id=practice_id, member_id__in=[one.id for one in found])
    phones = dict(counted.values_list("member_id").annotate(Count("pk")).order_by())
    return {
        person.id: PersonRow(
            practice_id=practice_id,
            member_id=person.id,
            full_name=person.full_name,
            name_key=sort_key(person.full_name),
            email=person.email,
            search=practice_api.normalized_name(f"{person.full_name} {person.email}")[:600],
            roles=sorted(person.roles),
            can_sign_in=person.account_id is not None,
            phones=phones.get(person.id, 0),
        )
        for person in found
    }


def case_rows(practice_id: UUID, case_refs: Sequence[str]) -> dict[str, CaseRow]:
    """The rows of those cases and of those calls that wait, by case."""
    found, called = {}, dict[str, datetime]()
    for call in response_api.unanswered(practice_id=practice_id):
        called.setdefault(call.case_ref, call.raised_at)
    for case_ref in case_refs:
        since = called.get(case_ref)
        row = _case_row(case_ref, since) or _call_row(practice_id, case_ref, since)
        if row is not None:
            found[case_ref] = row
    return found


def _case_row(case_ref: str, called_since: datetime | None) -> CaseRow | None:
    try:
        case = incidents_api.get_case(case_ref=case_ref)
    except NoSuchCase:
        return None
    labels, lead = " ".join(case.labels), _lead(case)
    return CaseRow(
        practice_id=case.practice_id,
        case_ref=case_ref,
        kind=CASE,
        number=case.number,
        is_open=case.state == "open",
        state=case.state,
        outcome=case.outcome,
        verdict=case.verdict,
        labels=list(case.labels),
        is_erased=_all_erased(case.device_ids),
        said=None if case.labels else response_api.get_report(case_ref=case_ref).said,
        search=practice_api.normalized_name(f"{case.number} {labels} {case.member_name} {lead}")[:600],
        lead=lead,
        limit_on=case.breach_clock.limit_on,
        called_since=called_since,
        opened_at=case.opened_at,
    )


def _all_erased(device_ids: tuple[UUID, ...]) -> bool:
    """Whether every phone of a case is proven erased, and none of them has joined again."""
    return bool(device_ids) and len(fleet_api.erased(device_ids=device_ids)) == len(device_ids)


def _lead(case: CaseRecord) -> str:
    kind, _, which = case.lead.partition(":")
    try:
        return practice_api.get_member(member_id=UUID(which)).full_name if kind == "member" else ""
    except NoSuchMember:
        return ""


def _call_row(practice_id: UUID, case_ref: str, called_since: datetime | None) -> CaseRow | None:
    """Somebody said that they have a phone again, and nobody has called them back."""
    if called_since is None:
        return None
    try:
        report = response_api.get_report(case_ref=case_ref)
    except NoSuchReport:
        return None
    if report.kind != "found":
        return None
    return CaseRow(
        practice_id=practice_id,
        case_ref=case_ref,
        kind=CALL,
        state="open",
        said=report.said,
        called_since=called_since,
        opened_at=called_since,
    )


def practice_row(practice_id: UUID) -> PracticeRow:
    """The practice's row, in numbers of our own lists."""
    practice = practice_api.get_practice(practice_id=practice_id)
    certificate = fleet_api.push_certificate(practice_id=practice_id)
    opening = {role for role, _, can in access_api.role_matrix(practice_id=practice_id) if can}
    people = list(PersonRow.objects.filter(practice_id=practice_id).values_list("roles", flat=True))
    held = {role for roles in people for role in roles}
    return PracticeRow(
        practice_id=practice_id,
        name=practice.name,
        people=len(people),
        phones=DeviceRow.objects.filter(practice_id=practice_id).count(),
        open_cases=CaseRow.objects.filter(practice_id=practice_id, is_open=True).count(),
        vacant_roles=[role for role in practice_api.NEEDED if role not in held],
        push_expires_at=certificate.not_after if certificate is not None else None,
        opening_roles=sorted(opening),
        may_open=sum(1 for roles in people if opening.intersection(roles)),
        reviews=_reviews(practice_id),
    )


def _reviews(practice_id: UUID) -> list[dict[str, str]]:
    """Uses of emergency access that have ended and wait for a review; a running one cannot be judged yet."""
    waiting = access_api.emergencies(practice_id=practice_id, waiting=True)
    ended = sorted((item for item in waiting if item.ended_at), key=lambda one: (one.opened_at, one.id))
    return [
        {"grant": str(item.id), "member": str(item.member_id), "at": item.opened_at.isoformat()}
        for item in ended
    ]


def values_of(row: Row) -> dict[str, Any]:
    """Everything a row says, but for its own key."""
    names = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    return {name: getattr(row, name) for name in names}


def settle(model: type[Row], key: str, wanted: Mapping[Any, Row], asked: Sequence[Any]) -> dict[Any, Row]:
    """Let the table say `wanted` for the keys `asked`, writing what differs; the rows as they were before."""
    before = {getattr(row, key): row for row in model.objects.filter(**{f"{key}__in": list(asked)})}
    changed = [
        row for name, row in wanted.items() if name not in before or values_of(before[name]) != values_of(row)
    ]
    names = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    model.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=sorted({"practice_id", key}), update_fields=names
    )
    gone = [row.pk for name, row in before.items() if name not in wanted]
    if gone:
        model.objects.filter(pk__in=gone).delete()
    return before
