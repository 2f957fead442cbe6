"""A phone that is given up loses every identity; one that is taken back gets a new access identity."""

from __future__ import annotations

from uuid import UUID

from pocketward.fleet import queue
from pocketward.fleet.apple.command_record import ACCESS_PROFILE
from pocketward.fleet.identities import ACCESS, BOTH, can_be_told
from pocketward.fleet.models import Enrollment
from pocketward.fleet.plain_orders import order_command
from pocketward.pki import api as pki_api
from pocketward.spine.api import unit_of_work

GIVEN_UP = "its management certificate was revoked: nothing reaches the phone any more"


@unit_of_work
def give_up_device(*, device_id: UUID, by: str, case_ref: str) -> bool:
    """Revoke every identity of a device for good and end what waits for it; whether any still counted.

    After this the phone can no longer be locked or erased. The will to erase stays: should the phone ever
    join again, its erase is offered before anything else, with the approval it has.
    """
    had_one = can_be_told(device_id=device_id)
    pki_api.revoke_device(
        device_id=device_id, purposes=BOTH, reason="key_compromise", by=by, case_ref=case_ref
    )
    for row in Enrollment.objects.filter(device_id=device_id, state__in=Enrollment.LIVE):
        queue.overtake_commands(enrollment_id=row.id, detail=GIVEN_UP)
    return had_one


@unit_of_work
def offer_access_identity(*, device_id: UUID, by: str) -> bool:
    """Let a managed phone whose access identity was revoked fetch a new one; whether it is told to.

    It opens nothing by itself: the phone must pass its checks like any other.
    """
    standing = {one.state for one in pki_api.certificates_of(device_id=device_id) if one.purpose == ACCESS}
    is_managed = Enrollment.objects.filter(device_id=device_id, state=Enrollment.ENROLLED).exists()
    if standing & {"valid", "held"} or not is_managed or not can_be_told(device_id=device_id):
        return False
    order_command(
        device_id=device_id, request_type="InstallProfile", params={"profile": ACCESS_PROFILE}, by=by,
        purpose="access_identity",
    )  # fmt: skip
    return True
