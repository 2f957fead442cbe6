"""Facts about changes that would close many phones at once.

`closes` of `of` phones, after `lately` more that small changes closed within a day; `digest` of what.
"""

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
    lately: int
    of: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class WideChangeRefused(Event):
    """The guard refused somebody who asked for such a change, or approved it; `reason` is its code.

    `at_point` is `order` or `approval`; `change_id` is None for an order, which left nothing behind.
    """

    kind = "rollout.wide_change_refused"
    change_id: UUID | None
    what: str
    digest: str
    closes: int
    lately: int
    of: int
    reason: str
    at_point: str


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
