"""The background work of rollout."""

from __future__ import annotations

from pocketward.rollout.changes import run_apply
from pocketward.spine.api import JobSpec

JOBS = {"rollout.apply": JobSpec(run_apply)}
