"""Reports that close nothing and come again: each is kept, and goes to the case that stands.

Anybody may report, so anybody may report a hundred times. A flood must neither call every officer a hundred
times nor hide a true report in a hundred cases; and no report is refused or lost.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q

from pocketward.kernel import clock
from pocketward.response import alerts
from pocketward.response.events import LossSighted
from pocketward.response.models import SIGHTING, LossReport
from pocketward.spine.api import record

# Reports of one network follow on each other within this time; a case takes them in for so long at most.
SAME_FLOOD, LONGEST = timedelta(hours=1), timedelta(hours=12)
# From so many standing cases of an hour on, whoever reports from wherever joins the newest.
MOST_STANDING = 3
ANYBODY = "anonymous:"


def standing_report(report: LossReport) -> LossReport | None:
    """The report whose case takes this one in; None when it begins a case of its own.

    Alike are: kind, outcome, whom it fits, and the network; past three such cases an hour the network counts
    no more. A reversed report and a closed case take nothing in.
    """
    now = clock.now()
    alike = LossReport.objects.filter(
        practice_id=report.practice_id, kind=report.kind, outcome=report.outcome, restored_at=None,
        case_closed_at=None, member_id_matched=report.member_id_matched, reported_by__startswith=ANYBODY,
        reported_at__gt=now - LONGEST,
    )  # fmt: skip
    lately = Q(reported_at__gt=now - SAME_FLOOD) | Q(sighted_at__gt=now - SAME_FLOOD)
    found: list[LossReport] = [
        row for row in alike.filter(lately).order_by("-reported_at") if row.device_ids == report.device_ids
    ]
    here: list[LossReport] = [row for row in found if row.network == report.network]
    if here:
        return here[0]
    return found[0] if len(found) >= MOST_STANDING else None


def keep_sighting(report: LossReport, standing: LossReport) -> str:
    """Keep the report as a sighting in the standing one's case, and see that somebody looks; the case."""
    report.kind, report.case_ref = SIGHTING, standing.case_ref
    report.save(force_insert=True)
    LossReport.objects.filter(pk=standing.pk).update(sightings=F("sightings") + 1, sighted_at=clock.now())
    record(
        LossSighted(
            practice_id=report.practice_id, actor=report.reported_by, subject=f"case:{report.case_ref}",
            case_ref=report.case_ref, report_id=report.id, outcome=report.outcome, when_seen=report.when_seen,
            number=standing.sightings + 1,
        )
    )  # fmt: skip
    alerts.call_again(practice_id=report.practice_id, case_ref=report.case_ref)
    case_ref: str = report.case_ref
    return case_ref
