"""The background work of incidents."""

from __future__ import annotations

from pocketward.incidents.cases import run_identify_case, run_lead_case, run_open_case, run_reverse_case
from pocketward.spine.api import JobSpec

JOBS = {
    "incidents.identify_case": JobSpec(run_identify_case, max_attempts=20),
    "incidents.lead_case": JobSpec(run_lead_case),
    "incidents.open_case": JobSpec(run_open_case, max_attempts=20),
    "incidents.reverse_case": JobSpec(run_reverse_case, max_attempts=20),
}
