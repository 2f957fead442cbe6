"""Facts about the practice policy."""

from __future__ import annotations

from dataclasses import dataclass

from pocketward.spine.api import Event


@dataclass(frozen=True, kw_only=True)
class PolicyChanged(Event):
    """A new version of the practice policy is in force."""

    kind = "policy.policy_changed"
    number: int
    digest: str
    reason: str
    changed_rules: tuple[str, ...]
