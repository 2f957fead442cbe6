"""Background work of access."""

from __future__ import annotations

from pocketward.access import emergency
from pocketward.spine.api import JobSpec

JOBS: dict[str, JobSpec] = {**emergency.JOBS}
