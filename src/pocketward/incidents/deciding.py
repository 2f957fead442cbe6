"""Is it a breach? The privacy officer's written conclusions: the last one counts, every one is kept.

Source: 45 CFR 164.402(2), a breach unless a low probability of compromise is demonstrated; 164.414(b), the
practice has the burden of proof. An assessment that new facts overturn is part of that proof: so an open case
may be decided anew, and a closed one keeps what it was closed with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pocketward.incidents.discovery import case_row
from pocketward.incidents.errors import IncidentsError
from pocketward.incidents.events import BreachDecided
from pocketward.incidents.models import BREACH, LOW_PROBABILITY, OPEN, BreachDecision
from pocketward.incidents.rights import privacy_officer_here
from pocketward.kernel import clock, crypto
from pocketward.response import api as response_api
from pocketward.spine.api import record, unit_of_work

SHORTEST_REASON, LONGEST_REASON = 20, 500


@dataclass(frozen=True)
class DecisionRecord:
    """One written conclusion; `by` is who, as events name them.

    `reason_key` (32 bytes) shows that the sealed event meant this reason: see `commitment`.
    """

    verdict: str
    reason: str
    by: str
    at: datetime
    reason_key: bytes

    @property
    def commitment(self) -> str:
        """What the sealed event says of the reason, in hex."""
        return crypto.commitment(self.reason_key, self.reason)


@unit_of_work
def decide_breach(*, case_ref: str, verdict: str, reason: str, by_member_id: UUID) -> None:
    """The privacy officer concludes, in writing; without it the presumption of a breach stands.

    New facts may be judged anew while the case is open: the newest conclusion counts, the earlier ones are
    kept with their reasons. IncidentsError for a case that is over, NotYours for anybody else.
    """
    row = case_row(case_ref)
    person = privacy_officer_here(practice_id=row.practice_id, member_id=by_member_id)
    why = reason.strip()
    if verdict not in (BREACH, LOW_PROBABILITY):
        raise IncidentsError("Choose what you decide.")
    if len(why) < SHORTEST_REASON:
        raise IncidentsError("Write down why: at least a sentence.")
    if len(why) > LONGEST_REASON:
        raise IncidentsError(
            f"The reason is too long: at most {LONGEST_REASON} letters. Nothing was decided."
        )
    if row.state != OPEN:
        raise IncidentsError("The case is closed: what was decided stays as it was.")
    if (row.verdict, row.verdict_reason) == (verdict, why):
        return
    by, key = f"member:{by_member_id}", crypto.random_key()
    row.verdict, row.verdict_reason, row.verdict_by, row.verdict_at = verdict, why, by, clock.now()
    row.save(force_update=True)
    BreachDecision.objects.create(
        practice_id=row.practice_id, case=row, verdict=verdict, reason=why, reason_key=key, decided_by=by,
        decided_at=row.verdict_at,
    )  # fmt: skip
    receipt = f"Decided by {person.full_name}."
    response_api.finish_step(case_ref=case_ref, step="decide", receipt=receipt, by_member_id=by_member_id)
    record(
        BreachDecided(
            practice_id=row.practice_id, actor=by, actor_name=person.full_name, subject=f"case:{case_ref}",
            case_ref=case_ref, verdict=verdict, reason_commitment=crypto.commitment(key, why),
        )
    )  # fmt: skip


def decisions(*, case_id: UUID) -> tuple[DecisionRecord, ...]:
    """Every written conclusion of a case, oldest first."""
    rows = BreachDecision.objects.filter(case_id=case_id).order_by("decided_at", "id")
    return tuple(
        DecisionRecord(row.verdict, row.reason, row.decided_by, row.decided_at, row.reason_key)
        for row in rows
    )
