"""Phones reported lost whose case is open, as Home speaks of them."""

from pocketward.web.home.world import OpenLoss
from pocketward.web.incidents.listing import cases, is_open
from pocketward.web.incidents.reading import CaseFacts
from pocketward.web.visitor import Visitor


def open_losses(visitor: Visitor) -> tuple[OpenLoss, ...]:
    """One line an open case with a phone, the newest report first."""
    return tuple(
        _loss(facts)
        for facts in cases(visitor)
        if is_open(facts) and facts.devices and facts.report.kind == "lost"
    )


def _loss(facts: CaseFacts) -> OpenLoss:
    closed = facts.report.outcome == "closed"
    slowest = max((door.milliseconds or 0 for door in facts.doors if door.is_closed), default=0)
    waiting = next((step.title for step in facts.steps if step.state == "needs_person"), "")
    return OpenLoss(
        case_id=facts.report.case_ref,
        phone_name=facts.names,
        reported_at=facts.report.reported_at,
        closed=closed,
        doors_ours=all(door.is_closed for door in facts.doors),
        closed_after_s=slowest / 1000 if closed and slowest else None,
        next_step=f"Next: {waiting[0].lower()}{waiting[1:]}." if waiting else "",
    )
