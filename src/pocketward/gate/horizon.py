"""Until when an answer stays what it is, if no fact changes: decisions depend on time only by comparisons."""

from __future__ import annotations

from pocketward.gate.compiler import CompiledRules
from pocketward.gate.inputs import CLOCK_SLACK
from pocketward.gate.records import Facts

FAR = 24 * 3600


def stable_until(facts: Facts, rules: CompiledRules) -> int:
    """The first second at which the same facts may be decided otherwise; at most a day ahead.

    Between two neighboring moments of this list every comparison in `decide` gives the same result, so this
    is exact and no time-to-live: what a row changes is noticed by the row.
    """
    at = facts.request.at
    moments = [at + FAR]
    session, device, grant, permit = facts.session, facts.device, facts.emergency, facts.permit
    if session is not None:
        moments.append(session.expires_at)
        moments += _of_age(session.auth_at, rules.limits["sign_in_age"])
        for limit in rules.limits["session_left"]:
            moments += (session.expires_at - limit, session.expires_at - limit + 1)
    if device is not None:
        moments.append(device.fresh_until + 1)
        if device.last_heard is not None:
            moments += _of_age(device.last_heard, rules.limits["heard_age"])
    if grant is not None:
        moments += (grant.opened_at, grant.expires_at)
    if permit is not None:
        moments.append(permit.expires_at)
    return min(moment for moment in moments if moment > at)


def _of_age(then: int, limits: tuple[int, ...]) -> list[int]:
    moments = [then - CLOCK_SLACK, then]
    for limit in limits:
        moments += (then + limit, then + limit + 1)
    return moments
