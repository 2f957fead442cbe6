"""Loss reports: taken from anybody, matched exactly, acted on reversibly."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id, uuid7
from pocketward.practice import api as practice_api
from pocketward.response import alerts, doors, steps
from pocketward.response.errors import NoSuchReport, RestoreRefused
from pocketward.response.events import FoundReported, LossConfirmed, LossReported, LossReversed
from pocketward.response.models import CLOSED, NEEDS_CONFIRMATION, PAGED_ONLY, LossReport
from pocketward.spine.api import record, unit_of_work

# The page answers after this long, whatever was found, so that time tells a stranger nothing.
ANSWER_SECONDS = 1.2
PER_PRACTICE_HOUR, PER_NETWORK_HOUR = 3, 2
WHEN = ("now", "today", "earlier")
SELF_RESTORE_EVERY = timedelta(hours=24)


@dataclass(frozen=True)
class ReportRecord:
    """A report as officers see it."""

    id: UUID
    case_ref: str
    kind: str
    outcome: str
    said: str
    callback: str
    when_seen: str
    member_id: UUID | None
    device_ids: tuple[UUID, ...]
    reported_by: str
    reported_at: datetime
    confirmed_at: datetime | None
    restored_at: datetime | None


@dataclass(frozen=True)
class _Match:
    member_id: UUID | None
    member_name: str
    device_ids: tuple[UUID, ...]
    labels: tuple[str, ...]

    @property
    def is_one(self) -> bool:
        return bool(self.device_ids)


def _match(practice_id: UUID, text: str) -> _Match:
    """One person (their phones) or one labeled tablet; anything else matches nothing."""
    people = practice_api.find_members(practice_id=practice_id, text=text)
    labeled = fleet_api.devices_by_label(practice_id=practice_id, label=text)
    if len(people) == 1 and not labeled:
        person = people[0]
        own = fleet_api.devices_of_member(member_id=person.id)
        phones = [device for device in own if not device.shared]
        ids, labels = tuple(item.id for item in phones), tuple(item.label for item in phones)
        return _Match(person.id, person.full_name, ids, labels)
    if len(labeled) == 1 and not people:
        device = labeled[0]
        return _Match(device.member_id, "", (device.id,), (device.label,))
    return _Match(None, "", (), ())


def report_loss(
    *,
    practice_id: UUID,
    said: str,
    when_seen: str,
    callback: str,
    network: str,
    by_member_id: UUID | None = None,
) -> str:
    """Take a report: close what is ours for exactly one match, page the officers in any case; the case.

    `said` is a work e-mail, a full name or a tablet's label; `network` a keyed digest of the address. Never
    refuses, never locks, locates or erases.
    """
    started = time.monotonic()
    found = _match(practice_id, said[:200])
    return _take(practice_id, said[:200], when_seen, callback[:40], network, by_member_id, found, started)


@unit_of_work
def _take(
    practice_id: UUID,
    said: str,
    when_seen: str,
    callback: str,
    network: str,
    by_member_id: UUID | None,
    found: _Match,
    started: float,
) -> str:
    case_ref = public_id("case", uuid7())
    outcome = _outcome(practice_id, found, network, signed_in=by_member_id is not None)
    by = f"member:{by_member_id}" if by_member_id else f"anonymous:{network[:16]}"
    report = LossReport.objects.create(
        practice_id=practice_id,
        case_ref=case_ref,
        outcome=outcome,
        said=said,
        callback=callback,
        when_seen=when_seen if when_seen in WHEN else "earlier",
        network=network,
        member_id_matched=found.member_id,
        device_ids=[str(item) for item in found.device_ids],
        reported_by=by,
        confirmed_by=by if by_member_id else "",
        confirmed_at=clock.now() if by_member_id else None,
    )
    doors.freeze_facts(practice_id, case_ref, found.device_ids)
    if outcome == CLOSED:
        doors.close_doors(practice_id, case_ref, found.device_ids, found.member_id, by, started)
    _record_report(report, found, by, signed_in=by_member_id is not None)
    steps.begin(practice_id=practice_id, case_ref=case_ref, contain=outcome == CLOSED)
    if outcome == CLOSED:
        steps.finish(
            practice_id=practice_id, case_ref=case_ref, step="close_records", receipt="Closed at once.",
            by=by,
        )  # fmt: skip
    alerts.raise_alert(practice_id=practice_id, case_ref=case_ref, reason=f"lost_{outcome}")
    return case_ref


def _outcome(practice_id: UUID, found: _Match, network: str, *, signed_in: bool) -> str:
    if not found.is_one:
        return PAGED_ONLY
    if signed_in:
        return CLOSED
    since = clock.now() - timedelta(hours=1)
    closed = LossReport.objects.filter(practice_id=practice_id, outcome=CLOSED, reported_at__gt=since)
    closed = closed.filter(reported_by__startswith="anonymous:")
    if closed.count() >= PER_PRACTICE_HOUR or closed.filter(network=network).count() >= PER_NETWORK_HOUR:
        return NEEDS_CONFIRMATION
    return CLOSED


def _record_report(report: LossReport, found: _Match, by: str, *, signed_in: bool) -> None:
    record(
        LossReported(
            practice_id=report.practice_id,
            actor=by,
            subject=f"member:{found.member_id}" if found.member_id else f"case:{report.case_ref}",
            case_ref=report.case_ref,
            report_id=report.id,
            outcome=report.outcome,
            when_seen=report.when_seen,
            member_id=found.member_id,
            member_name=found.member_name,
            device_ids=found.device_ids,
            labels=found.labels,
            signed_in=signed_in,
        )
    )


@unit_of_work
def confirm_loss(*, case_ref: str, by_member_id: UUID) -> None:
    """An officer's tap (or the person's own): closes what waited for it; the person alone can no longer
    restore after it.
    """
    row = _row(case_ref)
    by = f"member:{by_member_id}"
    LossReport.objects.filter(pk=row.pk).update(confirmed_by=by, confirmed_at=clock.now())
    if row.outcome == NEEDS_CONFIRMATION:
        ids = tuple(UUID(text) for text in row.device_ids)
        LossReport.objects.filter(pk=row.pk).update(outcome=CLOSED)
        doors.close_doors(row.practice_id, case_ref, ids, row.member_id_matched, by, time.monotonic())
        steps.finish(
            practice_id=row.practice_id, case_ref=case_ref, step="close_records",
            receipt="Closed by an officer's tap.", by=by,
        )  # fmt: skip
        steps.contain_now(practice_id=row.practice_id, case_ref=case_ref)
    steps.finish(practice_id=row.practice_id, case_ref=case_ref, step="confirm", receipt="Confirmed.", by=by)
    record(
        LossConfirmed(
            practice_id=row.practice_id, actor=by, subject=f"case:{case_ref}", case_ref=case_ref,
            report_id=row.id,
        )
    )  # fmt: skip


@unit_of_work
def report_found(*, practice_id: UUID, said: str, callback: str, network: str) -> str:
    """Somebody has the phone again: officers are paged, nothing opens."""
    found = _match(practice_id, said[:200])
    case_ref = public_id("case", uuid7())
    row = LossReport.objects.create(
        practice_id=practice_id,
        case_ref=case_ref,
        kind="found",
        outcome=PAGED_ONLY,
        said=said[:200],
        callback=callback[:40],
        when_seen="now",
        network=network,
        member_id_matched=found.member_id,
        device_ids=[str(item) for item in found.device_ids],
        reported_by=f"anonymous:{network[:16]}",
    )
    record(
        FoundReported(
            practice_id=practice_id, actor=row.reported_by, subject=f"case:{case_ref}", case_ref=case_ref,
            report_id=row.id, member_id=found.member_id,
        )
    )  # fmt: skip
    alerts.raise_alert(practice_id=practice_id, case_ref=case_ref, reason="found")
    return case_ref


def _row(case_ref: str) -> LossReport:
    row: LossReport | None = LossReport.objects.filter(case_ref=case_ref, kind="lost").first()
    if row is None:
        raise NoSuchReport()
    return row


@unit_of_work
def reverse(*, case_ref: str, by_member_id: UUID, how: str = "officer") -> None:
    """Lift what this report closed, in one action; other holds stay, and the phone must check in afresh."""
    row = _row(case_ref)
    if row.restored_at is not None:
        return
    by, ids = f"member:{by_member_id}", tuple(UUID(text) for text in row.device_ids)
    doors.reopen_doors(row.practice_id, case_ref, ids, by)
    LossReport.objects.filter(pk=row.pk).update(restored_at=clock.now(), restored_by=by, restored_how=how)
    record(
        LossReversed(
            practice_id=row.practice_id, actor=by, subject=f"case:{case_ref}", case_ref=case_ref,
            report_id=row.id, how=how, device_ids=ids,
        )
    )  # fmt: skip
    steps.skip_rest(practice_id=row.practice_id, case_ref=case_ref, receipt="The report was reversed.", by=by)
    for device_id in ids:
        fleet_api.ask(device_id=device_id, request_types=("DeviceInformation", "SecurityInfo"))


def restore_by_person(
    *,
    case_ref: str,
    by_member_id: UUID,
    passkey_is_synced: bool,
    passkey_registered_at: datetime | None,
    second_proof: bool,
    network: str,
    from_reported_device: bool,
) -> None:
    """The person restores their own phone, once in 24 hours; RestoreRefused otherwise.

    Needs a passkey that cannot be copied and was there before the report, or a synced one and a second
    proof (recovery code or a colleague); never from the reported phone or its network, never once the loss
    is confirmed.
    """
    row = _row(case_ref)
    recent = LossReport.objects.filter(
        member_id_matched=by_member_id,
        restored_how="person",
        restored_at__gt=clock.now() - SELF_RESTORE_EVERY,
    )
    before = passkey_registered_at is not None and passkey_registered_at < row.reported_at
    strong = before and (not passkey_is_synced or second_proof)
    refusals = (
        row.member_id_matched != by_member_id,
        row.confirmed_at is not None,
        from_reported_device or network == row.network,
        recent.exists(),
        not strong,
    )
    if any(refusals):
        raise RestoreRefused()
    reverse(case_ref=case_ref, by_member_id=by_member_id, how="person")


def get_report(*, case_ref: str) -> ReportRecord:
    """The report of a case; NoSuchReport."""
    row = LossReport.objects.filter(case_ref=case_ref).first()
    if row is None:
        raise NoSuchReport()
    return _record(row)


def _record(row: LossReport) -> ReportRecord:
    return ReportRecord(
        row.id, row.case_ref, row.kind, row.outcome, row.said, row.callback, row.when_seen,
        row.member_id_matched, tuple(UUID(text) for text in row.device_ids), row.reported_by, row.reported_at,
        row.confirmed_at, row.restored_at,
    )  # fmt: skip
