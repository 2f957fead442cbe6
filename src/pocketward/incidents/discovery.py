"""When a case was discovered: the earliest candidate counts, all are kept, an officer may change it.

Source: 45 CFR 164.404(a)(2), the first day on which it is known to any workforce member, or by reasonable
diligence would have been known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pocketward.incidents.errors import IncidentsError, NoSuchCase
from pocketward.incidents.events import DiscoveryChanged
from pocketward.incidents.models import OPEN, Case, DiscoveryCandidate
from pocketward.incidents.rights import officer_here
from pocketward.kernel import clock, crypto
from pocketward.response import api as response_api
from pocketward.spine.api import record, unit_of_work

# Reports this long before count as the same loss: somebody knew then.
SAME_LOSS = timedelta(days=7)
THE_REPORT, AN_OFFICER = "the report", "an officer"
SHORTEST_REASON = 5
EARLIEST_YEAR = 2000


@dataclass(frozen=True)
class Candidate:
    """A moment at which somebody knew, or could have known; one of a case is chosen.

    `source` is in an officer's own words where one chose it; then `reason_key` (32 bytes) shows that the
    sealed event meant them.
    """

    at: datetime
    source: str
    added_by: str
    chosen: bool
    reason_key: bytes = b""

    @property
    def commitment(self) -> str:
        """What the sealed event says of the officer's words, in hex; empty when there are none."""
        return crypto.commitment(self.reason_key, self.source) if self.reason_key else ""


def case_row(case_ref: str) -> Case:
    """The row of a case; NoSuchCase."""
    row: Case | None = Case.objects.filter(case_ref=case_ref).first()
    if row is None:
        raise NoSuchCase()
    return row


def first_candidates(case: Case, reported_at: datetime) -> None:
    """Keep the report and every earlier report of the same phones as candidates; the earliest is chosen."""
    found = [(reported_at, THE_REPORT)]
    devices = tuple(UUID(text) for text in case.device_ids)
    for report in response_api.reports_of_devices(
        practice_id=case.practice_id, device_ids=devices, since=reported_at - SAME_LOSS
    ):
        if report.case_ref != case.case_ref and report.reported_at < reported_at and not report.restored_at:
            found.append((report.reported_at, f"an earlier report of this phone ({report.case_ref})"))
    at, source = min(found)
    for moment, name in found:
        DiscoveryCandidate.objects.create(
            practice_id=case.practice_id, case=case, at=moment, source=name, added_by="system:incidents",
            chosen=(moment, name) == (at, source),
        )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(discovered_at=at, discovered_why=source)
    case.discovered_at, case.discovered_why = at, source


def earlier_candidates(case: Case) -> None:
    """It is known only now whose phones a report means: earlier reports of them are candidates too.

    The earliest is chosen, unless an officer has chosen already or the case is closed.
    """
    devices = tuple(UUID(text) for text in case.device_ids)
    rows = DiscoveryCandidate.objects.filter(case=case)
    reported_at = rows.get(source=THE_REPORT).at
    for report in response_api.reports_of_devices(
        practice_id=case.practice_id, device_ids=devices, since=reported_at - SAME_LOSS
    ):
        if report.case_ref != case.case_ref and report.reported_at < reported_at and not report.restored_at:
            DiscoveryCandidate.objects.get_or_create(
                practice_id=case.practice_id, case=case, at=report.reported_at,
                source=f"an earlier report of this phone ({report.case_ref})",
                defaults={"added_by": "system:incidents"},
            )  # fmt: skip
    earliest = rows.order_by("at", "id").first()
    if earliest is None or rows.filter(chosen=True).exclude(added_by="system:incidents").exists():
        return
    if earliest.chosen or case.state != OPEN:
        return
    rows.update(chosen=False)
    rows.filter(pk=earliest.pk).update(chosen=True)
    Case.objects.filter(pk=case.pk).update(discovered_at=earliest.at, discovered_why=earliest.source)
    record(
        DiscoveryChanged(
            practice_id=case.practice_id, actor="system:incidents", subject=f"case:{case.case_ref}",
            case_ref=case.case_ref, before=case.discovered_at, after=earliest.at, source=earliest.source,
        )
    )  # fmt: skip


def discovery_candidates(*, case_id: UUID) -> tuple[Candidate, ...]:
    """Every candidate, earliest first."""
    rows = DiscoveryCandidate.objects.filter(case_id=case_id).order_by("at", "id")
    return tuple(
        Candidate(row.at, row.reason or row.source, row.added_by, row.chosen, bytes(row.reason_key or b""))
        for row in rows
    )


def discovered_why(case: Case) -> str:
    """Why the moment of discovery counts: an officer's own words where one chose it."""
    if case.discovered_why != AN_OFFICER:
        return str(case.discovered_why)
    chosen = DiscoveryCandidate.objects.filter(case=case, chosen=True).first()
    return str(chosen.reason or chosen.source) if chosen is not None else AN_OFFICER


@unit_of_work
def change_discovery(*, case_ref: str, at: datetime, reason: str, by_member_id: UUID) -> None:
    """An officer sets another moment of discovery, with a reason; all candidates stay, with theirs.

    IncidentsError for a case that is over: its clock stays as it was closed with.
    """
    row = case_row(case_ref)
    person = officer_here(practice_id=row.practice_id, member_id=by_member_id)
    if row.state != OPEN:
        raise IncidentsError("The case is closed: when it was known stays as it was.")
    why = " ".join(reason.split())[:200]
    # By its own year first: a moment at the edge of the calendar cannot be counted in another zone.
    if at.year < EARLIEST_YEAR:
        raise IncidentsError(f"Write a moment after the year {EARLIEST_YEAR - 1}.")
    if len(why) < SHORTEST_REASON or at > clock.now():
        raise IncidentsError("Give a reason, and a moment that has passed.")
    by, key = f"member:{by_member_id}", crypto.random_key()
    rows = DiscoveryCandidate.objects.filter(case=row)
    chosen = rows.filter(chosen=True).first()
    if chosen is not None and (chosen.at, chosen.reason, chosen.added_by) == (at, why, by):
        return
    rows.update(chosen=False)
    DiscoveryCandidate.objects.create(
        practice_id=row.practice_id, case=row, at=at, source=AN_OFFICER, reason=why, reason_key=key,
        added_by=by, chosen=True,
    )  # fmt: skip
    before, row.discovered_at, row.discovered_why = row.discovered_at, at, AN_OFFICER
    row.save(force_update=True)
    record(
        DiscoveryChanged(
            practice_id=row.practice_id, actor=by, actor_name=person.full_name, subject=f"case:{case_ref}",
            case_ref=case_ref, before=before, after=at, source=AN_OFFICER,
            reason_commitment=crypto.commitment(key, why),
        )
    )  # fmt: skip
