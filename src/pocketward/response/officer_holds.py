"""Records closed on one phone by an officer's own act, and opened again; no report, no case."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.fleet.errors import NotEnrolled
from pocketward.pki import api as pki_api
from pocketward.response.errors import ReasonRefused
from pocketward.response.rights import officer_here
from pocketward.spine.api import unit_of_work

SHORTEST_REASON, LONGEST_REASON = 5, 200
CLOSED_BY_OFFICER = "closed_by_officer"
HEALTH = ("DeviceInformation", "SecurityInfo")


@unit_of_work
def close_records(*, device_id: UUID, reason: str, by_member_id: UUID) -> bool:
    """An officer closes records on this device: hold, its sessions ended, its access certificate held.

    Whether that is new; NotAllowed for anybody but an officer, ReasonRefused for a reason that says nothing.
    Nothing is locked or erased. The reason is kept in the sealed event and names no patient.
    """
    device = fleet_api.get_device(device_id=device_id)
    officer_here(practice_id=device.practice_id, member_id=by_member_id)
    why, by = " ".join(reason.split()), f"member:{by_member_id}"
    if not SHORTEST_REASON <= len(why) <= LONGEST_REASON or not why.isprintable():
        raise ReasonRefused(f"Write why, in {SHORTEST_REASON} to {LONGEST_REASON} letters.")
    held = access_api.place_hold(
        practice_id=device.practice_id, device_ids=(device_id,), case_ref="", by=by, reason=why
    )
    access_api.end_gate_sessions(
        practice_id=device.practice_id, device_ids=(device_id,), by=by, reason="closed by an officer"
    )
    pki_api.hold_access(device_id=device_id, by=by, cause=CLOSED_BY_OFFICER)
    return bool(held)


@unit_of_work
def open_records(*, device_id: UUID, by_member_id: UUID) -> bool:
    """An officer lifts what an officer closed, and nothing else; whether anything was.

    The phone must check in afresh and pass, so it is asked at once. NotAllowed for anybody but an officer.
    """
    device = fleet_api.get_device(device_id=device_id)
    officer_here(practice_id=device.practice_id, member_id=by_member_id)
    by = f"member:{by_member_id}"
    lifted = access_api.lift_hold(practice_id=device.practice_id, case_ref="", device_ids=(device_id,), by=by)
    pki_api.lift_access_hold(device_id=device_id, by=by, cause=CLOSED_BY_OFFICER)
    if lifted:
        # A phone that has left management cannot be asked; it opens nothing until it has joined again.
        with suppress(NotEnrolled):
            fleet_api.offer_access_identity(device_id=device_id, by=by)
            fleet_api.ask(device_id=device_id, request_types=HEALTH)
    return bool(lifted)
