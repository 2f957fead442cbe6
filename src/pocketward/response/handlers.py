"""What response does when commands of its cases move and emergency access opens; all of it as jobs."""

from __future__ import annotations

from pocketward.access.events import EmergencyAccessOpened
from pocketward.fleet.events import CommandProofAdvanced, DeviceEnrolled, EraseContradicted, LocationReceived
from pocketward.practice.events import NewSignInInvited, OwnerLinkMade

REACTIONS = {
    CommandProofAdvanced: ("response.on_proof",),
    DeviceEnrolled: ("response.on_enrolled",),
    EmergencyAccessOpened: ("response.emergency_alert",),
    EraseContradicted: ("response.on_contradiction",),
    LocationReceived: ("response.location_received",),
    NewSignInInvited: ("response.new_sign_in_alert",),
    OwnerLinkMade: ("response.owner_link_alert",),
}
