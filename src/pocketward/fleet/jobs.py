"""The fleet's background work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pocketward.fleet.apple.app_rounds import run_follow, run_note_missing
from pocketward.fleet.apple.rounds import run_refresh, run_renewals, run_spread_policy
from pocketward.fleet.push import run_push, run_watch_certificate
from pocketward.fleet.push_plans import run_push_to_all
from pocketward.fleet.stop_links import run_stop_mail
from pocketward.spine.api import JobSpec

JOBS: Final[Mapping[str, JobSpec]] = {
    "fleet.follow_apps": JobSpec(run_follow),
    "fleet.note_missing_apps": JobSpec(run_note_missing),
    "fleet.push": JobSpec(run_push, max_attempts=20),
    "fleet.push_to_all": JobSpec(run_push_to_all),
    "fleet.refresh": JobSpec(run_refresh),
    "fleet.renewals": JobSpec(run_renewals),
    "fleet.spread_policy": JobSpec(run_spread_policy),
    "fleet.stop_mail": JobSpec(run_stop_mail, max_attempts=12),
    "fleet.watch_push_certificate": JobSpec(run_watch_certificate),
}
