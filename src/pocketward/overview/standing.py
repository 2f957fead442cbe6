"""How one phone stands, in one of five words: pure, from facts of three domains.

The worst true thing is said: proven erased, reported lost, held, its person gone, management gone, silent,
failing, unknown, protected. Time is left out of what is settled and comes in when it is read, so that a fact
past its limit counts as unknown even if no event came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pocketward.fleet.api import DeviceRecord
from pocketward.posture.api import PostureRecord

Status = Literal["closed", "fix", "silent", "unknown", "ok"]

# The place in this list is the number that rows keep and sort by.
WORST_FIRST: Final[tuple[Status, ...]] = ("closed", "fix", "silent", "unknown", "ok")
CLOSED, FIX, SILENT, UNKNOWN, OK = range(5)
SILENT_AFTER: Final = timedelta(hours=24)
OUR_FAULT: Final = "our_fault"
JOINED_ANEW: Final = "joined_anew"
# Which failed check is named first: what harms most.
HARM_ORDER: Final = (
    "passcode_set", "data_protection", "os_patched", "os_supported", "passcode_meets_profile",
    "required_apps", "supervised", "heard_from", "identity_valid",
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """What is settled of a phone, and when time alone makes it silent or too old to count.

    `settled` is a place in WORST_FIRST. `reason` is erased (proven), lost, held, must_report (its hold was
    lifted and it has not answered since), person_left, removed, management_removed, not_reported, not_judged,
    joined_anew, our_fault, failed or unsure (with the check and its code), or empty; `reason_at` adds silent
    and stale.
    """

    settled: int
    reason: str = ""
    check: str = ""
    check_code: str = ""
    silent_at: datetime | None = None
    stale_at: datetime | None = None

    def status_at(self, now: datetime) -> Status:
        """The word at a moment."""
        aged = self._aged(now)
        return WORST_FIRST[self.settled if aged is None else aged]

    def reason_at(self, now: datetime) -> str:
        """The reason at a moment."""
        return {None: self.reason, SILENT: "silent", UNKNOWN: "stale"}[self._aged(now)]

    def _aged(self, now: datetime) -> int | None:
        if self.silent_at is not None and self.silent_at < now:
            return SILENT
        if self.stale_at is not None and self.stale_at < now:
            return UNKNOWN
        return None


def harm_of(check: str) -> int:
    """Sorts checks by what harms most; one that is not in the list comes last."""
    return HARM_ORDER.index(check) if check in HARM_ORDER else len(HARM_ORDER)


def stand(
    *,
    device: DeviceRecord,
    posture: PostureRecord | None,
    hold: str,
    holder_left: bool = False,
    erased: bool = False,
) -> Standing:
    """How `device` stands. `hold` is what holds it (a case or a reason), empty when nothing does.

    `holder_left`: the person it was given to has left; their own phone opens nothing for anybody any more.
    `erased`: its erase is proven, and it has not joined again.
    """
    if erased:
        return Standing(CLOSED, "erased")
    if device.lost_at is not None:
        return Standing(CLOSED, "lost")
    if hold:
        return Standing(CLOSED, "held")
    if holder_left and not device.shared:
        return Standing(CLOSED, "person_left")
    if device.removed_at is not None:
        return Standing(CLOSED, "removed")
    if device.enrollment_state == "checked_out":
        return Standing(UNKNOWN, "management_removed")
    if device.last_heard_at is None:
        return Standing(UNKNOWN, "not_reported")
    silent_at = device.last_heard_at + silence_limit(posture)
    if posture is None:
        return Standing(UNKNOWN, "not_judged", silent_at=silent_at)
    judged = _judged(posture, silent_at)
    if judged.settled == OK and device.must_report_since is not None:
        return Standing(UNKNOWN, "must_report", silent_at=silent_at)
    return judged


def silence_limit(posture: PostureRecord | None) -> timedelta:
    """How long this phone may be silent: what its own check says, else a day."""
    checks = posture.checks if posture is not None else ()
    heard = next((check for check in checks if check["id"] == "heard_from"), None)
    limit = heard.get("limit") if heard is not None else None
    return timedelta(seconds=int(limit)) if limit is not None else SILENT_AFTER


def _judged(posture: PostureRecord, silent_at: datetime) -> Standing:
    if posture.posture == "compliant":
        return Standing(OK, silent_at=silent_at, stale_at=posture.fresh_until)
    checks = sorted(posture.checks, key=lambda check: harm_of(str(check["id"])))
    for code in (OUR_FAULT, JOINED_ANEW):
        if any(check.get("code") == code for check in checks):
            return Standing(UNKNOWN, code, silent_at=silent_at)
    if posture.posture == "not-compliant":
        name, code = _first(checks, "fail")
        return Standing(FIX, "failed", name, code, silent_at, posture.fresh_until)
    name, code = _first(checks, "unknown")
    return Standing(UNKNOWN, "unsure", name, code, silent_at)


def _first(checks: list[Mapping[str, Any]], result: str) -> tuple[str, str]:
    found = next((check for check in checks if check["result"] == result), {})
    return str(found.get("id", "")), str(found.get("code", ""))
