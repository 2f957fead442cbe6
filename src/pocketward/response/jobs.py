"""The background work of response."""

from __future__ import annotations

from pocketward.response.alerts import run_alert, run_alert_mail
from pocketward.response.containment import run_chase, run_contain, run_on_proof
from pocketward.spine.api import JobSpec

JOBS = {
    "response.alert": JobSpec(run_alert),
    "response.alert_mail": JobSpec(run_alert_mail, max_attempts=12),
    "response.chase": JobSpec(run_chase),
    "response.contain": JobSpec(run_contain, max_attempts=20),
    "response.on_proof": JobSpec(run_on_proof),
}
