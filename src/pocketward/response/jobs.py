"""The background work of response."""

from __future__ import annotations

from pocketward.response.alerts import (
    run_alert,
    run_alert_again,
    run_emergency_alert,
    run_new_sign_in_alert,
    run_owner_link_alert,
)
from pocketward.response.chasing import run_chase
from pocketward.response.containment import run_contain, run_on_contradiction, run_on_proof
from pocketward.response.locating import run_erase_locations, run_locating_off, run_location_received
from pocketward.response.mails import run_mail
from pocketward.response.replacing import run_on_enrolled
from pocketward.spine.api import JobSpec

JOBS = {
    "response.alert": JobSpec(run_alert),
    "response.alert_again": JobSpec(run_alert_again, max_attempts=20),
    "response.chase": JobSpec(run_chase),
    "response.contain": JobSpec(run_contain, max_attempts=20),
    "response.emergency_alert": JobSpec(run_emergency_alert, max_attempts=20),
    "response.erase_locations": JobSpec(run_erase_locations, max_attempts=20),
    "response.locating_off": JobSpec(run_locating_off, max_attempts=20),
    "response.location_received": JobSpec(run_location_received, max_attempts=20),
    "response.mail": JobSpec(run_mail, max_attempts=12),
    "response.new_sign_in_alert": JobSpec(run_new_sign_in_alert, max_attempts=20),
    "response.on_contradiction": JobSpec(run_on_contradiction),
    "response.on_enrolled": JobSpec(run_on_enrolled),
    "response.on_proof": JobSpec(run_on_proof),
    "response.owner_link_alert": JobSpec(run_owner_link_alert, max_attempts=20),
}
