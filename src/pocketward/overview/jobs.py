"""The background work of the overview."""

from __future__ import annotations

from pocketward.overview.refreshing import REFRESH, run_refresh
from pocketward.spine.api import JobSpec

JOBS = {REFRESH: JobSpec(run_refresh, max_attempts=20, together=True)}
"""The only kind: make the rows of some names again."""
