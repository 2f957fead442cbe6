"""What rollout refuses."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class RolloutError(PocketwardError):
    """Root of rollout's errors."""

    code = "rollout.error"


class NoSuchChange(RolloutError):
    """No such change waits in this practice."""

    code = "rollout.no_such_change"
    sentence = "This change is not waiting any more."
    advice = "Look at the guard's page for what waits now."
