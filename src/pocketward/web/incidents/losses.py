"""Phones reported lost whose case is open, as Home speaks of them."""

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.web.home.world import OpenLoss
from pocketward.web.visitor import Visitor


def open_losses(visitor: Visitor) -> tuple[OpenLoss, ...]:
    """One line a lost phone, the newest report first."""
    practice_id = visitor.practice.id
    held = access_api.held_devices(practice_id=practice_id)
    ours = all(app.is_ours for app in access_api.apps(practice_id=practice_id))
    lost = [device for device in fleet_api.devices(practice_id=practice_id) if device.lost_at is not None]
    found = [
        OpenLoss(
            case_id=device.lost_case_ref,
            phone_name=device.label,
            reported_at=device.lost_at,
            closed=device.id in held,
            doors_ours=ours,
        )
        for device in lost
        if device.lost_at is not None
    ]
    return tuple(sorted(found, key=lambda loss: loss.reported_at, reverse=True))
