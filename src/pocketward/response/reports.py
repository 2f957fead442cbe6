"""Loss reports: taken from anybody, matched exactly, acted on reversibly."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import DeviceRecord
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id, uuid7
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member
from pocketward.response import alerts, doors, repeats, sightings, steps
from pocketward.response.colleague import spend_colleague_code
from pocketward.response.errors import NoSuchReport
from pocketward.response.events import FoundReported, LossConfirmed, LossReported
from pocketward.response.models import (
    CLOSED,
    FOUND,
    LOST,
    NEEDS_CONFIRMATION,
    PAGED_ONLY,
    SIGHTING,
    LossReport,
)
from pocketward.response.restoring import lost_report
from pocketward.response.rights import colleague_here, officer_here, person_here
from pocketward.spine.api import record, unit_of_work

# The page answers after this long, whatever was found, so that time tells a stranger nothing.
ANSWER_SECONDS = 1.2
PER_PRACTICE_HOUR, PER_NETWORK_HOUR = 3, 2
WHEN, NOT_TOLD = ("now", "today", "earlier"), "unknown"


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
    restored_by: str
    restored_how: str


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
    """One person (their phones) or one labeled tablet; anything else matches nothing.

    Somebody who left counts while a phone of theirs is still here: it may still open something.
    """
    people = {
        person: [item for item in fleet_api.devices_of_member(member_id=person.id) if not item.shared]
        for person in practice_api.find_members(practice_id=practice_id, text=text, with_left=True)
    }
    people = {person: phones for person, phones in people.items() if phones or person.left_at is None}
    labeled = fleet_api.devices_by_label(practice_id=practice_id, label=text)
    if len(people) == 1 and not labeled:
        ((person, phones),) = people.items()
        ids, labels = tuple(item.id for item in phones), tuple(item.label for item in phones)
        return _Match(person.id, person.full_name, ids, labels)
    if len(labeled) == 1 and not people:
        device = labeled[0]
        return _Match(device.member_id, "", (device.id,), (device.label,))
    return _Match(None, "", (), ())


@dataclass(frozen=True)
class _Told:
    """A report as it came in; `started` is a monotonic reading."""

    said: str
    when_seen: str
    callback: str
    network: str
    started: float
    by_member_id: UUID | None = None
    # Whether the person who reports is proven: signed in, and not on the phone that they say is lost.
    is_known: bool = False
    colleague_code: str = ""
    # `repeats.form_key` of the form that was sent.
    form: str = ""

    @property
    def by(self) -> str:
        return f"member:{self.by_member_id}" if self.by_member_id else f"anonymous:{self.network[:16]}"


def report_loss(
    *,
    practice_id: UUID,
    said: str,
    when_seen: str,
    callback: str,
    network: str,
    colleague_code: str = "",
    form: str = "",
) -> str:
    """Take anybody's report: close what is ours for exactly one match, page the officers always; the case.

    `said` is a work e-mail, a full name or a tablet's label; `network` a keyed digest of the sender's. Past
    the hourly limits closing waits, for an officer's tap or this `colleague_code`. Never refuses; what closes
    nothing and comes again goes to the case that stands (`sightings`); the same `form` is the same report
    (`repeats`). Locks only when a colleague vouched
    (else when an officer confirms, or somebody signed in reports: `report_device`); never locates or erases.
    """
    told = _Told(
        said[:200], when_seen, callback[:40], network, time.monotonic(), colleague_code=colleague_code,
        form=form,
    )  # fmt: skip
    return _take(practice_id, told, _match(practice_id, told.said))


@unit_of_work
def report_device(
    *,
    device_id: UUID,
    when_seen: str,
    callback: str,
    network: str,
    by_member_id: UUID,
    session_device_ids: frozenset[UUID] = frozenset(),
) -> str:
    """Somebody signed in reports this very device: their own, a shared one, or (an officer) any; the case.

    It closes and locks. From a session that lives on the device itself (`session_device_ids`: where this
    session is known to live) it counts as a stranger's report does: it closes, and waits for an officer to
    lock it. A device that stands reported in an open case gets no second one. NotAllowed for whoever may not.
    """
    device = fleet_api.get_device(device_id=device_id)
    person = _reporter(device, by_member_id)
    is_known, by = device_id not in session_device_ids, f"member:{by_member_id}"
    standing = _standing(device)
    if standing is not None:
        if is_known and standing.confirmed_at is None:
            _confirm(standing, by)
        return str(standing.case_ref)
    owner = device.member_id if not device.shared else None
    name = "" if owner is None else practice_api.get_member(member_id=owner).full_name
    told = _Told(
        device.label, when_seen, callback[:40], network, time.monotonic(), by_member_id=person.id,
        is_known=is_known,
    )  # fmt: skip
    return _take(device.practice_id, told, _Match(owner, name, (device_id,), (device.label,)))


def _reporter(device: DeviceRecord, by_member_id: UUID) -> Member:
    """The person, if they may report this device."""
    if device.member_id == by_member_id and not device.shared:
        return person_here(practice_id=device.practice_id, member_id=by_member_id)
    if device.shared and device.removed_at is None:
        return colleague_here(practice_id=device.practice_id, member_id=by_member_id)
    return officer_here(practice_id=device.practice_id, member_id=by_member_id)


def _standing(device: DeviceRecord) -> LossReport | None:
    """The report under which the device is marked lost; a closed case takes nothing in."""
    if not device.lost_case_ref:
        return None
    row: LossReport | None = LossReport.objects.filter(
        case_ref=device.lost_case_ref, kind=LOST, restored_at=None, case_closed_at=None
    ).first()
    return row


@unit_of_work
def _take(practice_id: UUID, told: _Told, found: _Match) -> str:
    known = repeats.case_of_form(practice_id=practice_id, form=told.form)
    if known:
        return known
    case_ref = public_id("case", uuid7())
    outcome, voucher = _outcome(practice_id, told, found, case_ref)
    report = _row(practice_id, told, found, case_ref, outcome)
    is_known = told.is_known or voucher is not None
    report.automatic = outcome == CLOSED and not is_known
    standing = None if outcome == CLOSED or told.is_known else sightings.standing_report(report)
    if standing is not None:
        return sightings.keep_sighting(report, standing)
    report.save(force_insert=True)
    doors.freeze_facts(practice_id, case_ref, found.device_ids)
    if outcome == CLOSED:
        doors.close_doors(practice_id, case_ref, found.device_ids, found.member_id, told.by, told.started)
    _record_report(report, found, told, voucher)
    # A lock is for people we know: a stranger with a name must not black out a nurse's phone.
    steps.begin(practice_id=practice_id, case_ref=case_ref, contain=outcome == CLOSED and is_known)
    if outcome == CLOSED:
        receipt = "Closed at once." if voucher is None else "Closed with a colleague’s code."
        steps.finish(
            practice_id=practice_id, case_ref=case_ref, step="close_records", receipt=receipt, by=told.by
        )
    if told.is_known:
        receipt = "Reported by somebody who signed in."
        steps.finish(practice_id=practice_id, case_ref=case_ref, step="confirm", receipt=receipt, by=told.by)
    alerts.raise_alert(practice_id=practice_id, case_ref=case_ref, reason=f"lost_{outcome}")
    return case_ref


def _row(practice_id: UUID, told: _Told, found: _Match, case_ref: str, outcome: str) -> LossReport:
    """The report as it is kept; not yet written."""
    return LossReport(
        practice_id=practice_id,
        case_ref=case_ref,
        outcome=outcome,
        said=told.said,
        callback=told.callback,
        when_seen=told.when_seen if told.when_seen in WHEN else NOT_TOLD,
        network=told.network,
        member_id_matched=found.member_id,
        device_ids=[str(item) for item in found.device_ids],
        reported_by=told.by,
        confirmed_by=told.by if told.is_known else "",
        confirmed_at=clock.now() if told.is_known else None,
        form=told.form,
    )


def _outcome(practice_id: UUID, told: _Told, found: _Match, case_ref: str) -> tuple[str, UUID | None]:
    """What happens at once, and who vouched for it."""
    if not found.is_one:
        return PAGED_ONLY, None
    voucher = spend_colleague_code(
        practice_id=practice_id, code=told.colleague_code, case_ref=case_ref, for_member=found.member_id
    )
    closes = told.is_known or voucher is not None or not _limit_reached(practice_id, told.network)
    return CLOSED if closes else NEEDS_CONFIRMATION, voucher


def _limit_reached(practice_id: UUID, network: str) -> bool:
    since = clock.now() - timedelta(hours=1)
    closed = LossReport.objects.filter(practice_id=practice_id, automatic=True, reported_at__gt=since)
    from_here = closed.filter(network=network)
    return bool(closed.count() >= PER_PRACTICE_HOUR or from_here.count() >= PER_NETWORK_HOUR)


def _record_report(report: LossReport, found: _Match, told: _Told, voucher: UUID | None) -> None:
    record(
        LossReported(
            practice_id=report.practice_id,
            actor=told.by,
            subject=f"member:{found.member_id}" if found.member_id else f"case:{report.case_ref}",
            case_ref=report.case_ref,
            report_id=report.id,
            outcome=report.outcome,
            when_seen=report.when_seen,
            member_id=found.member_id,
            member_name=found.member_name,
            device_ids=found.device_ids,
            labels=found.labels,
            signed_in=told.is_known,
            vouched_by=voucher,
        )
    )


@unit_of_work
def confirm_loss(*, case_ref: str, by_member_id: UUID) -> None:
    """An officer's tap (or the person's own): closes what waited for it, and lets the phone be locked.

    The person alone can no longer restore after it. NotAllowed for anybody else; NoSuchReport when it was
    reversed, or its case is over: what is done anew needs a case that stands.
    """
    row = lost_report(case_ref)
    if row.member_id_matched != by_member_id:
        officer_here(practice_id=row.practice_id, member_id=by_member_id)
    else:
        person_here(practice_id=row.practice_id, member_id=by_member_id)
    if row.restored_at is not None:
        raise NoSuchReport("This report was reversed already. Report the phone anew.")
    if row.case_closed_at is not None:
        raise NoSuchReport("The case is closed. Report the phone anew.")
    # Who confirmed first, and when, is evidence: a second tap changes nothing.
    if row.confirmed_at is None:
        _confirm(row, f"member:{by_member_id}")
    alerts.answered_by_acting(practice_id=row.practice_id, case_ref=case_ref, by_member_id=by_member_id)


def _confirm(row: LossReport, by: str) -> None:
    """Somebody who may has said that the loss is real."""
    case_ref = row.case_ref
    LossReport.objects.filter(pk=row.pk).update(confirmed_by=by, confirmed_at=clock.now())
    if row.outcome == NEEDS_CONFIRMATION:
        ids = tuple(UUID(text) for text in row.device_ids)
        LossReport.objects.filter(pk=row.pk).update(outcome=CLOSED)
        doors.close_doors(row.practice_id, case_ref, ids, row.member_id_matched, by, time.monotonic())
        steps.finish(
            practice_id=row.practice_id, case_ref=case_ref, step="close_records",
            receipt="Closed by an officer's tap.", by=by,
        )  # fmt: skip
    steps.finish(practice_id=row.practice_id, case_ref=case_ref, step="confirm", receipt="Confirmed.", by=by)
    if row.outcome != PAGED_ONLY:
        steps.contain_now(practice_id=row.practice_id, case_ref=case_ref)
    record(
        LossConfirmed(
            practice_id=row.practice_id, actor=by, subject=f"case:{case_ref}", case_ref=case_ref,
            report_id=row.id,
        )
    )  # fmt: skip


@unit_of_work
def report_found(*, practice_id: UUID, said: str, callback: str, network: str, form: str = "") -> str:
    """Somebody has the phone again: officers are paged, nothing opens; its case. `form`: as of a loss."""
    known = repeats.case_of_form(practice_id=practice_id, form=form)
    if known:
        return known
    told = _Told(said[:200], NOT_TOLD, callback[:40], network, time.monotonic(), form=form)
    found, case_ref = _match(practice_id, told.said), public_id("case", uuid7())
    row = _row(practice_id, told, found, case_ref, PAGED_ONLY)
    row.kind = FOUND
    standing = sightings.standing_report(row)
    if standing is not None:
        return sightings.keep_sighting(row, standing)
    row.save(force_insert=True)
    record(
        FoundReported(
            practice_id=practice_id, actor=row.reported_by, subject=f"case:{case_ref}", case_ref=case_ref,
            report_id=row.id, member_id=found.member_id,
        )
    )  # fmt: skip
    alerts.raise_alert(practice_id=practice_id, case_ref=case_ref, reason="found")
    return case_ref


def get_report(*, case_ref: str) -> ReportRecord:
    """The report of a case; NoSuchReport."""
    row = LossReport.objects.filter(case_ref=case_ref).exclude(kind=SIGHTING).first()
    if row is None:
        raise NoSuchReport()
    return _record(row)


def sightings_of(
    *, practice_id: UUID, case_ref: str, limit: int = 20
) -> tuple[tuple[ReportRecord, ...], int]:
    """The newest further reports that went to a case, newest first; and how many there are."""
    rows = LossReport.objects.filter(practice_id=practice_id, case_ref=case_ref, kind=SIGHTING)
    return tuple(_record(row) for row in rows.order_by("-reported_at")[:limit]), rows.count()


def _record(row: LossReport) -> ReportRecord:
    return ReportRecord(
        row.id, row.case_ref, row.kind, row.outcome, row.said, row.callback, row.when_seen,
        row.member_id_matched, tuple(UUID(text) for text in row.device_ids), row.reported_by, row.reported_at,
        row.confirmed_at, row.restored_at, row.restored_by, row.restored_how,
    )  # fmt: skip


def reports_of_member(*, practice_id: UUID, member_id: UUID) -> tuple[ReportRecord, ...]:
    """Reports of the phones that a person had at that time, each case once, oldest first."""
    rows = LossReport.objects.filter(practice_id=practice_id, member_id_matched=member_id)
    return tuple(_record(row) for row in rows.exclude(kind=SIGHTING).order_by("reported_at"))


def reports_of_devices(
    *, practice_id: UUID, device_ids: tuple[UUID, ...], since: datetime
) -> tuple[ReportRecord, ...]:
    """Reports since a moment, lost or found, that name one of these devices, oldest first."""
    wanted = {str(device_id) for device_id in device_ids}
    rows = LossReport.objects.filter(practice_id=practice_id, reported_at__gte=since).order_by("reported_at")
    return tuple(_record(row) for row in rows if wanted & set(row.device_ids))
