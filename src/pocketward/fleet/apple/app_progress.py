"""How far each work app is on a phone: from what the phone last said, and what it was told since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from pocketward.fleet.apple.rounds import required_apps
from pocketward.fleet.devices import device_state
from pocketward.fleet.models import Command, Enrollment
from pocketward.fleet.models.commands import ACKNOWLEDGED, FAILED, UNFINISHED
from pocketward.kernel.canonical import read_moment

# ordered: sent, and the phone has not taken it. asks: it waits for a tap of its holder. missing: not ordered
# and not there. own: there, and not managed by us.
Step = Literal[
    "ordered", "queued", "installing", "updating", "managed", "asks", "declined", "failed", "gone", "own",
    "missing",
]  # fmt: skip
# Source: Apple, ManagedApplicationListResponse, Status.
_STEPS: Final[Mapping[str, Step]] = {
    "Queued": "queued",
    "NeedsRedemption": "queued",
    "Redeeming": "queued",
    "ValidatingPurchase": "queued",
    "Prompting": "asks",
    "PromptingForLogin": "asks",
    "PromptingForManagement": "asks",
    "PromptingForUpdate": "asks",
    "PromptingForUpdateLogin": "asks",
    "Installing": "installing",
    "Updating": "updating",
    "Managed": "managed",
    "ManagedButUninstalled": "gone",
    "UserRejected": "declined",
    "UpdateRejected": "declined",
    "ManagementRejected": "declined",
    "PromptingForLoginRejected": "declined",
    "Failed": "failed",
}
_LOOKED_AT: Final = 60


@dataclass(frozen=True)
class AppProgress:
    """One work app on one phone: how far it is since `at`, its version where the phone named one, and the
    version that the policy wants at the least (empty: any)."""

    identifier: str
    name: str
    step: Step
    at: datetime | None
    version: str
    minimum_version: str


def app_progress(*, device_id: UUID) -> tuple[AppProgress, ...]:
    """The apps that the policy requires of this phone, in its order; none for one that is not enrolled."""
    row = (
        Enrollment.objects.filter(device_id=device_id, state=Enrollment.ENROLLED).order_by("-made_at").first()
    )
    wanted = required_apps(row) if row is not None else ()
    if row is None or not wanted:
        return ()
    facts: Mapping[str, Mapping[str, Any]] = device_state(device_id=device_id)
    statuses, versions = _by_identifier(facts, "managed_apps"), _by_identifier(facts, "installed_apps")
    orders, told_at = _orders(row, facts)
    found = []
    for app in wanted:
        status = str(statuses.get(app.bundle_id, {}).get("status", ""))
        present = versions.get(app.bundle_id)
        step, at = _said(status, present is not None), told_at
        order = orders.get(app.bundle_id)
        if order is not None and (newer := _since(order, told_at)) is not None:
            step, at = newer
        version = str((present or {}).get("version", ""))
        found.append(AppProgress(app.bundle_id, app.name, step, at, version, app.minimum_version))
    return tuple(found)


def _by_identifier(facts: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, Mapping[str, Any]]:
    return {str(item["identifier"]): item for item in facts.get(name, {}).get("value", ())}


def _said(status: str, is_present: bool) -> Step:
    """What the phone's own lists say."""
    if status in _STEPS:
        return _STEPS[status]
    return "own" if is_present else "missing"


def _orders(
    row: Enrollment, facts: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Command], datetime | None]:
    """The newest order of each app, and when the phone last answered how its apps are doing.

    An answer that says what the one before said is not stored again: its command tells when it came.
    """
    rows = Command.objects.filter(
        enrollment_id=row.id, request_type__in=("InstallApplication", "ManagedApplicationList")
    ).order_by("-id")[:_LOOKED_AT]
    orders: dict[str, Command] = {}
    observed = facts.get("managed_apps", {}).get("observed_at")
    told = [read_moment(str(observed))] if observed else []
    for command in rows:
        if command.request_type == "InstallApplication":
            orders.setdefault(str(msgspec.json.decode(command.params).get("identifier", "")), command)
        elif command.state == ACKNOWLEDGED and command.finished_at is not None:
            told.append(command.finished_at)
    return orders, max(told, default=None)


def _since(order: Command, told_at: datetime | None) -> tuple[Step, datetime] | None:
    """What the order says that is newer than the phone's own list; None when the list knows better."""
    if order.state in UNFINISHED:
        return "ordered", order.ordered_at
    at = order.finished_at
    if at is None or (told_at is not None and at <= told_at):
        return None
    # A corroborated order was seen in a list, which says more.
    if order.state == ACKNOWLEDGED:
        return "queued", at
    return ("failed", at) if order.state == FAILED else None
