"""The door of rollout."""

from __future__ import annotations

from pocketward.rollout.changes import (
    ChangeRecord,
    Outcome,
    approve_change,
    cancel_change,
    waiting_changes,
)
from pocketward.rollout.verbs import (
    Added,
    add_person,
    change_app,
    change_app_mode,
    change_policy,
    change_role_matrix,
    change_roles,
    end_permit,
    import_people,
    mark_left,
    name_network,
    remove_app,
)
from pocketward.rollout.width import Width, width_of

__all__ = (
    "Added",
    "ChangeRecord",
    "Outcome",
    "Width",
    "add_person",
    "approve_change",
    "cancel_change",
    "change_app",
    "change_app_mode",
    "change_policy",
    "change_role_matrix",
    "change_roles",
    "end_permit",
    "import_people",
    "mark_left",
    "name_network",
    "remove_app",
    "waiting_changes",
    "width_of",
)
