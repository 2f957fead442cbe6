"""What posture does, in the same transaction, when a device reports."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from pocketward.fleet import events as fleet
from pocketward.kernel import clock
from pocketward.policy import events as policy
from pocketward.posture.judging import judge_device, settle
from pocketward.posture.models import DevicePosture
from pocketward.posture.records import UNKNOWN, CheckResult
from pocketward.posture.verdict import Verdict
from pocketward.spine.api import Event


def on_state(event: fleet.DeviceStateReported | fleet.DeviceStateConfirmed) -> None:
    """A device said what it is like, whole: judge it."""
    judge_device(
        practice_id=event.practice_id,
        device_id=event.device_id,
        state=event.state,
        kind=event.device_kind,
        ownership=event.ownership,
        shared=event.shared,
    )


def _unknown(code: str) -> Verdict:
    now = clock.now()
    return Verdict(UNKNOWN, (CheckResult("management", UNKNOWN, code),), now - timedelta(seconds=1), None)


def _make_unknown(event: Event, device_id: UUID, code: str) -> None:
    row = DevicePosture.objects.filter(device_id=device_id).first()
    settle(
        event.practice_id,
        device_id,
        _unknown(code),
        kind=row.device_kind if row else "iphone",
        ownership=row.ownership if row else "personal",
        shared=row.shared if row else False,
    )


def on_authenticated(event: fleet.DeviceAuthenticated) -> None:
    """A known device joins anew, under new keys: what was known was told under the old ones.

    Without this its next report, when it comes within a minute and says the same, would change nothing here,
    and access, which forgot the posture with the old keys, would go on waiting for it.
    """
    if DevicePosture.objects.filter(device_id=event.device_id).exists():
        _make_unknown(event, event.device_id, "joined_anew")


def on_checked_out(event: fleet.EnrollmentCheckedOut) -> None:
    """Management is gone from the device: nothing is known any more."""
    _make_unknown(event, event.device_id, "management_removed")


def _on_chain_failure(event: Event, error: Exception) -> None:
    device_id = getattr(event, "device_id", None)
    if isinstance(device_id, UUID):
        _make_unknown(event, device_id, "our_fault")


IN_TRANSACTION = {
    fleet.DeviceStateReported: on_state,
    fleet.DeviceStateConfirmed: on_state,
    fleet.DeviceAuthenticated: on_authenticated,
    fleet.EnrollmentCheckedOut: on_checked_out,
}
REACTIONS = {policy.PolicyChanged: ("posture.judge_all",)}
ON_CHAIN_FAILURE = _on_chain_failure
