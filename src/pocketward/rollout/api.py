"""The door of rollout."""

from __future__ import annotations

from pocketward.rollout.changes import (
    ChangeRecord,
    Outcome,
    approve_change,
    cancel_change,
    change_app_mode,
    change_policy,
    change_role_matrix,
    waiting_changes,
)

__all__ = (
    "ChangeRecord",
    "Outcome",
    "approve_change",
    "cancel_change",
    "change_app_mode",
    "change_policy",
    "change_role_matrix",
    "waiting_changes",
)
