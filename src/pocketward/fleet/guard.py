"""The guard: the one place that lets a destructive command pass.

Judged when a command is ordered, again when it is authorized, and each time it is handed to a phone.
Destructive: erasing, removing the management profile, a managed app or other work data, clearing a
passcode, ending lost mode.
It also judges asking a phone where it is, which harms people and not data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings

from pocketward.fleet.apple.command_record import MANAGEMENT_PROFILE, is_access_or_policy_profile
from pocketward.fleet.models import (
    Approval,
    Command,
    Device,
    Enrollment,
    EraseIntent,
    GuardOptions,
    InstallationTally,
)
from pocketward.fleet.models.commands import (
    ACKNOWLEDGED,
    AUTHORIZED,
    CORROBORATED,
    DELIVERED,
    PUSHED,
    QUEUED,
)
from pocketward.fleet.tickets import may_erase
from pocketward.kernel import clock

ERASE, REMOVE_PROFILE, LOCATE = "EraseDevice", "RemoveProfile", "DeviceLocation"
# An app of ours goes with all its data: work data, of one app.
REMOVE_APP = "RemoveApplication"
DESTRUCTIVE = frozenset({ERASE, "ClearPasscode", "DisableLostMode", REMOVE_APP})
# RemoveProfile is destructive when what it removes is management itself, and the work data with it.
REMOVE_WORK_DATA = "remove_work_data"
# Neither reaches a device that is held: both would help whoever has it.
NEVER_WHEN_HELD = frozenset({"ClearPasscode", "RestartDevice"})
# The narrow lane of a held device: containment and read-only inventory (see `is_in_lane_of_held`).
LANE_OF_HELD = frozenset(
    {
        "DeviceLock", "EnableLostMode", "DisableLostMode", LOCATE, "PlayLostModeSound", ERASE,
        "DeviceInformation", "SecurityInfo", "InstalledApplicationList",
        "ManagedApplicationList", "ProfileList", "CertificateList",
    }
)  # fmt: skip
COOLING_OFF = timedelta(minutes=10)
ALONE_WAIT = timedelta(minutes=15)
PER_HOUR, PERCENT_PER_DAY, LEAST_PER_DAY = 2, 5, 2
# A change that closes more than both at once is destructive.
MOST_CLOSED, MOST_CLOSED_PERCENT = 3, 5
INSTALLATION_PER_HOUR = 10
# States in which a destructive command counts against the budget.
COUNTED = (AUTHORIZED, QUEUED, PUSHED, DELIVERED, ACKNOWLEDGED, CORROBORATED)


@dataclass(frozen=True)
class Refusal:
    """Why a command does not pass; `final` when waiting changes nothing."""

    code: str
    sentence: str
    final: bool = True


def kill_switch_is_on() -> bool:
    """Whether the kill-switch file is present, or cannot be looked at."""
    path = settings.POCKETWARD.kill_switch_file
    if path is None:
        return False
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def has_kill_switch() -> bool:
    """Whether a place for the kill switch is set at all."""
    return settings.POCKETWARD.kill_switch_file is not None


def is_destructive(request_type: str, purpose: str, params: Mapping[str, Any]) -> bool:
    """Whether this command can destroy data or take protection away, by what it does and not by its label.

    Removing a profile can, unless it is one of ours that holds neither the management nor work data.
    """
    if request_type in DESTRUCTIVE or purpose == REMOVE_WORK_DATA:
        return True
    harmless = is_access_or_policy_profile(str(params.get("identifier", "")))
    return request_type == REMOVE_PROFILE and not harmless


def may_destroy(*, request_type: str, purpose: str) -> bool:
    """The same of a command whose order is not at hand: of a profile's removal it is taken as true."""
    return is_destructive(request_type, purpose, {})


def refusal_of_kind(
    request_type: str, enrollment: Enrollment, device: Device, case_ref: str = ""
) -> Refusal | None:
    """What is never allowed for this device, whoever asks."""
    if request_type == LOCATE:
        return refusal_of_location(enrollment, device, case_ref)
    if request_type == ERASE and not may_erase(enrollment.access_rights):
        return Refusal(
            "no_right_to_erase", "A personal phone can never be erased. Its work data can be removed."
        )
    if device.is_held and request_type in NEVER_WHEN_HELD:
        why = "reported lost" if device.lost_case_ref else "held"
        return Refusal("held", f"This phone is {why}: this would help whoever has it.")
    return None


def refusal_of_location(enrollment: Enrollment, device: Device, case_ref: str) -> Refusal | None:
    """A place is asked for in a case only, of a practice-owned, supervised device that is reported lost."""
    is_owned = device.ownership == enrollment.ownership == "practice"
    if is_owned and device.supervised is True and device.is_in_open_case and case_ref:
        return None
    return Refusal(
        "no_right_to_locate",
        "Only a supervised, practice-owned, lost device may be located, and only in an open case.",
    )


def refusal_of_budget(command: Command | None = None) -> Refusal | None:
    """Whether the practice's or the server's budget of destructive commands is used up.

    Judged for a command at the time it was let pass, or now; it does not count against itself.
    """
    at, options = (command.authorized_at if command is not None else None) or clock.now(), options_now()
    rows = Command.objects.filter(destructive=True, offered_again=False, state__in=COUNTED)
    rows = rows.filter(authorized_at__lte=at)
    if command is not None:
        rows = rows.exclude(pk=command.pk)
    per_day = max(options.least_per_day, _phones() * options.percent_per_day // 100)
    if rows.filter(authorized_at__gt=at - timedelta(hours=1)).count() >= options.per_hour:
        return Refusal("budget_hour", f"{options.per_hour} such commands an hour is the limit here.", False)
    if rows.filter(authorized_at__gt=at - timedelta(days=1)).count() >= per_day:
        return Refusal("budget_day", f"{per_day} such commands a day is the limit here.", False)
    tally = InstallationTally.objects.filter(hour=_hour(at)).first()
    # A command that was let pass is in the tally itself.
    own = 1 if command is not None and command.authorized_at is not None else 0
    if tally is not None and tally.authorized - own >= INSTALLATION_PER_HOUR:
        return Refusal("budget_server", "This server has reached its limit for this hour.", False)
    return None


@dataclass(frozen=True)
class _Options:
    per_hour: int = PER_HOUR
    percent_per_day: int = PERCENT_PER_DAY
    least_per_day: int = LEAST_PER_DAY


def options_now() -> _Options:
    """The budgets that count now in the practice in scope."""
    rows = GuardOptions.objects.filter(effective_from__lte=clock.now(), cancelled_at=None)
    row = rows.order_by("-effective_from").first()
    return _Options(row.per_hour, row.percent_per_day, row.least_per_day) if row is not None else _Options()


def _phones() -> int:
    count: int = Device.objects.filter(removed_at=None).count()
    return count


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def count_in_installation() -> None:
    """Add one to this hour's tally over all practices."""
    from django.db.models import F

    hour = _hour(clock.now())
    InstallationTally.objects.get_or_create(hour=hour)
    InstallationTally.objects.filter(hour=hour).update(authorized=F("authorized") + 1)


def refusal_at_order(
    request_type: str, purpose: str, params: Mapping[str, Any], enrollment: Enrollment, device: Device,
    case_ref: str = "",
) -> Refusal | None:  # fmt: skip
    """Judge a command when it is ordered."""
    refusal = refusal_of_kind(request_type, enrollment, device, case_ref)
    if refusal is not None or not is_destructive(request_type, purpose, params):
        return refusal
    return refusal_of_switch() or refusal_of_budget()


def refusal_at_authorization(command: Command) -> Refusal | None:
    """Judge a destructive command when a second person, or the waiting time, lets it pass."""
    refusal = refusal_of_kind(command.request_type, command.enrollment, command.device)
    return refusal or refusal_of_switch() or refusal_of_budget(command)


def refusal_of_switch() -> Refusal | None:
    """The refusal while the kill switch is on."""
    if not kill_switch_is_on():
        return None
    return Refusal("kill_switch", "The kill switch is on: nothing destructive leaves this server.", False)


def is_in_lane_of_held(command: Command) -> bool:
    """Whether a held device may be told this: containment, questions, and to renew its management identity.

    Without the last one a device held for months could be told nothing any more, not even to erase itself.
    Judged by the profile that is ordered and not by the order's label; no other profile passes.
    """
    if command.request_type == "InstallProfile":
        return bool(msgspec.json.decode(command.params).get("profile") == MANAGEMENT_PROFILE)
    return command.request_type in LANE_OF_HELD or command.destructive


def refusal_at_hand_out(command: Command) -> Refusal | None:
    """Judge a command when it is about to be handed to the phone."""
    refusal = refusal_of_kind(command.request_type, command.enrollment, command.device, command.case_ref)
    if refusal is not None:
        return refusal
    if command.device.is_held and not is_in_lane_of_held(command):
        return Refusal("held", "This phone is held; only containment reaches it.", False)
    if not command.destructive:
        return None
    if not _is_authorized(command):
        return Refusal("not_authorized", "Nobody has authorized this command.")
    if EraseIntent.objects.filter(command_id=command.id, state=EraseIntent.CALLED_OFF).exists():
        return Refusal("called_off", "This order was called off.")
    return refusal_of_switch() or (None if command.offered_again else refusal_of_budget(command))


def _is_authorized(command: Command) -> bool:
    """A second person's approval, or the waiting time of a practice of one, is on record."""
    if command.authorized_at is None:
        return False
    by_another = Approval.objects.filter(command=command).values_list("member_id", flat=True)
    if any(command.ordered_by != f"member:{member_id}" for member_id in by_another):
        return True
    return command.alone and command.not_before is not None
