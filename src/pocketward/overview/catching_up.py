"""Waiting, briefly, until the lists show what was just done."""

from __future__ import annotations

import time
from typing import Final
from uuid import UUID

from pocketward.overview.refreshing import REFRESH
from pocketward.spine.api import anything_open

LONGEST_SECONDS: Final = 1.0
LOOK_EVERY_SECONDS: Final = 0.02


def catch_up(*, practice_id: UUID) -> bool:
    """Wait for the lists' jobs, a second at most; whether they are done.

    For the page that follows a person's own act: it should show it. Nobody else needs to wait.
    """
    deadline = time.monotonic() + LONGEST_SECONDS
    while anything_open(practice_id=practice_id, kind=REFRESH):
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY_SECONDS)
    return True
