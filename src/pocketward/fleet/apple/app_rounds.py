"""Required apps: ordered when missing or too old, followed until the phone says that they are there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from pocketward.fleet.apple.rounds import BY, REQUIRED_APP, ask, install_params, required_apps
from pocketward.fleet.devices import device_state
from pocketward.fleet.errors import CommandRefused, NotEnrolled
from pocketward.fleet.models import Command, Enrollment
from pocketward.fleet.models.commands import UNFINISHED
from pocketward.fleet.plain_orders import order_command
from pocketward.kernel import clock
from pocketward.policy.api import RequiredApp, meets_minimum
from pocketward.spine.api import JobContext, enqueue

QUESTIONS = ("ManagedApplicationList", "InstalledApplicationList")
FIRST, LONGEST = timedelta(seconds=4), timedelta(hours=1)
MOST_TRIES = 24
# Statuses from which an app does not come by itself (Apple, ManagedApplicationList: Status).
GIVEN_UP = frozenset(
    {
        "Failed", "ManagedButUninstalled", "ManagementRejected", "PromptingForLoginRejected", "Unknown",
        "UpdateRejected", "UserRejected",
    }
)  # fmt: skip
# An app that is there and too old: ordered again, the phone fetches the newest version.
SETTLED = GIVEN_UP | {"Managed"}


def missing_apps(row: Enrollment) -> tuple[RequiredApp, ...]:
    """The required apps that the phone's last list does not have, or has too old; none before it gave one."""
    facts: dict[str, Any] = device_state(device_id=row.device_id) if row.device_id else {}
    if "installed_apps" not in facts:
        return ()
    present = {
        str(app["identifier"]): str(app.get("version", "")) for app in facts["installed_apps"]["value"]
    }
    return tuple(
        app
        for app in required_apps(row)
        if app.bundle_id not in present
        or meets_minimum(present[app.bundle_id], minimum=app.minimum_version) is False
    )


def _is_under_way(row: Enrollment) -> bool:
    """Whether the phone's last word on a required app is that it is still coming: the last word is asked for.

    A list of apps may name an app before its installation has ended.
    """
    facts: dict[str, Any] = device_state(device_id=row.device_id) if row.device_id else {}
    wanted = {app.bundle_id for app in required_apps(row)}
    said = facts.get("managed_apps", {}).get("value", [])
    return any(str(app["identifier"]) in wanted and str(app["status"]) not in SETTLED for app in said)


def _enrolled(device_id: UUID) -> Enrollment | None:
    rows = Enrollment.objects.filter(device_id=device_id, state=Enrollment.ENROLLED).order_by("-made_at")
    found: Enrollment | None = rows.first()
    return found


def run_note_missing(context: JobContext) -> None:
    """A phone reported: when a required app is missing or still coming, begin to follow it."""
    device_id = UUID(context.event["device_id"])

    def effects() -> None:
        row = _enrolled(device_id)
        if row is not None and (missing_apps(row) or _is_under_way(row)):
            _plan(row, 1)

    context.finish(effects)


def _plan(row: Enrollment, number: int) -> None:
    wait = min(FIRST * 2 ** (number - 1), LONGEST)
    enqueue(
        "fleet.follow_apps",
        row.practice_id,
        {"device_id": str(row.device_id), "number": number},
        not_before=clock.now() + wait,
        key=f"follow-apps:{row.device_id}",
    )


def run_follow(context: JobContext) -> None:
    """Ask for the lists again, order what does not come by itself, plan the next look."""
    device_id, number = UUID(context.payload["device_id"]), int(context.payload["number"])
    context.finish(lambda: _follow(device_id, number))


def _follow(device_id: UUID, number: int) -> None:
    row = _enrolled(device_id)
    if row is None:
        return
    missing = missing_apps(row)
    if not missing and not _is_under_way(row):
        return
    try:
        for app in missing:
            _order_if_needed(row, device_id, app)
        ask(device_id=device_id, request_types=QUESTIONS)
    except (CommandRefused, NotEnrolled):
        return
    if number < MOST_TRIES:
        _plan(row, number + 1)


def _order_if_needed(row: Enrollment, device_id: UUID, app: RequiredApp) -> None:
    """An app that management does not know, has given up, or has too old, is ordered (again)."""
    facts: dict[str, Any] = device_state(device_id=device_id)
    managed = {
        str(app["identifier"]): str(app["status"]) for app in facts.get("managed_apps", {}).get("value", [])
    }
    if managed.get(app.bundle_id, "Failed") not in SETTLED:
        return
    waiting = Command.objects.filter(
        enrollment_id=row.id, purpose=REQUIRED_APP, state__in=UNFINISHED, request_type="InstallApplication"
    )
    params = install_params(app)
    if all(msgspec.json.decode(command.params) != params for command in waiting):
        order_command(
            device_id=device_id, request_type="InstallApplication", params=params, by=BY, purpose=REQUIRED_APP
        )
