"""Facts about changes that would close many phones at once. `closes` of `of` phones; `digest` of what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pocketward.spine.api import Event


@dataclass(frozen=True, kw_only=True)
class WideChangeProposed(Event):
    """An officer asked for a change that closes many phones; it waits."""

    kind = "rollout.wide_change_proposed"
    change_id: UUID
    what: str
    digest: str
    closes: int
    of: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class WideChangeApproved(Event):
    """A second officer said yes, or the only officer's wait began; in force from `effective_from`."""

    kind = "rollout.wide_change_approved"
    change_id: UUID
    alone: bool
    strength: str
    effective_from: datetime


@dataclass(frozen=True, kw_only=True)
class WideChangeApplied(Event):
    """The change is in force."""

    kind = "rollout.wide_change_applied"
    change_id: UUID
    digest: str


@dataclass(frozen=True, kw_only=True)
class WideChangeDropped(Event):
    """The change will not come: called off by somebody, or overtaken by another."""

    kind = "rollout.wide_change_dropped"
    change_id: UUID
    reason: str
