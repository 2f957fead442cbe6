"""Which questions a phone is asked, and when: all of them once, the few that age again and again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from pocketward.fleet import queue
from pocketward.fleet.apple.command_record import ACCESS_PROFILE, MANAGEMENT_PROFILE, POLICY_PROFILE
from pocketward.fleet.apple.senders import RENEWAL
from pocketward.fleet.erase_ladder import erased_at
from pocketward.fleet.errors import CommandRefused, NotEnrolled
from pocketward.fleet.giving_up import offer_access_identity
from pocketward.fleet.models import Command, Enrollment
from pocketward.fleet.models.commands import ACKNOWLEDGED, UNFINISHED
from pocketward.fleet.orders import live_enrollment
from pocketward.fleet.plain_orders import order_command
from pocketward.fleet.push_plans import DAILY, push_soon
from pocketward.fleet.state import HEALTH
from pocketward.kernel import clock
from pocketward.pki import api as pki_api
from pocketward.policy import api as policy_api
from pocketward.policy.api import RequiredApp
from pocketward.spine.api import JobContext, enqueue, unit_of_work

BY = "system:fleet"
INVENTORY, POLICY, ACCESS_IDENTITY, REQUIRED_APP = "inventory", "policy", "access_identity", "required_app"

# ManagedApplicationList comes before the list of apps: on a personal phone only what it names is kept.
LISTS = ("ManagedApplicationList", "InstalledApplicationList", "ProfileList", "CertificateList")
REFRESH_EVERY = timedelta(hours=2)
LISTS_AFTER = timedelta(hours=23)


@unit_of_work
def ask(*, device_id: UUID, request_types: tuple[str, ...], purpose: str = INVENTORY) -> None:
    """Queue these questions, but those that wait for an answer already; the phone is pushed to anyway."""
    waiting = set(
        Command.objects.filter(device_id=device_id, state__in=UNFINISHED).values_list(
            "request_type", flat=True
        )
    )
    for request_type in request_types:
        if request_type not in waiting:
            _order(device_id, request_type, {}, purpose)
    if waiting.issuperset(request_types):
        # The push that went with the question may have reached nobody.
        row = live_enrollment(device_id)
        push_soon(practice_id=row.practice_id, enrollment_id=row.id, again=DAILY)


def _order(device_id: UUID, request_type: str, params: dict[str, Any], purpose: str) -> None:
    order_command(device_id=device_id, request_type=request_type, params=params, by=BY, purpose=purpose)


@unit_of_work
def first_round(*, enrollment_id: UUID) -> None:
    """What a newly enrolled phone gets: questions, its access identity, the policy, the required apps."""
    row = Enrollment.objects.get(pk=enrollment_id)
    if row.device_id is None:
        return
    ask(device_id=row.device_id, request_types=HEALTH)
    _order(row.device_id, "InstallProfile", {"profile": ACCESS_PROFILE}, ACCESS_IDENTITY)
    if has_policy_profile(row):
        _order(row.device_id, "InstallProfile", {"profile": POLICY_PROFILE}, POLICY)
    for app in required_apps(row):
        _order(row.device_id, "InstallApplication", install_params(app), REQUIRED_APP)
    ask(device_id=row.device_id, request_types=LISTS)
    _plan_refresh(row, 1)
    plan_renewals(row.practice_id)


def has_policy_profile(row: Enrollment) -> bool:
    """Whether the practice's policy means anything for this kind of phone."""
    return bool(
        policy_api.apple_payloads(
            practice_id=row.practice_id, device_kind=row.kind, ownership=row.ownership, shared=row.shared
        )
    )


def required_apps(row: Enrollment) -> tuple[RequiredApp, ...]:
    """The apps that the policy requires of this kind of phone."""
    return policy_api.requirements(
        practice_id=row.practice_id, device_kind=row.kind, ownership=row.ownership, shared=row.shared
    ).required_apps


def install_params(app: RequiredApp) -> dict[str, Any]:
    """What InstallApplication needs to install the app, or to bring it to its newest version."""
    return {"identifier": app.bundle_id, "itunes_id": app.itunes_id}


def run_spread_policy(context: JobContext) -> None:
    """A new policy: every enrolled phone gets its profile and what it newly requires, some at a time.

    Not in one transaction: a policy for two thousand phones would hold the write lock for all of it.
    """
    waiting = Enrollment.objects.filter(state=Enrollment.ENROLLED).order_by("id")
    for enrollment_id in list(waiting.values_list("id", flat=True)):
        spread_policy(enrollment_id=enrollment_id)
        context.heartbeat()
    context.finish()


@unit_of_work
def spread_policy(*, enrollment_id: UUID) -> None:
    """Queue the policy's profile and its apps for one phone, leaving out what waits for it already.

    One whose erase is proven gets nothing: what it is told when it joins again is told then.
    """
    row = Enrollment.objects.filter(pk=enrollment_id, state=Enrollment.ENROLLED).first()
    if row is None or row.device_id is None or erased_at(device_id=row.device_id) is not None:
        return
    purposes = set(
        Command.objects.filter(enrollment_id=row.id, state__in=UNFINISHED).values_list("purpose", flat=True)
    )
    is_new = has_policy_profile(row) and POLICY not in purposes
    if is_new:
        _order(row.device_id, "InstallProfile", {"profile": POLICY_PROFILE}, POLICY)
    if REQUIRED_APP not in purposes:
        for app in required_apps(row):
            _order(row.device_id, "InstallApplication", install_params(app), REQUIRED_APP)
    if is_new:
        # Asked behind the profile, not at the next round: whether the passcode meets it. A question that
        # waits already would be answered before the profile is there.
        _order(row.device_id, "SecurityInfo", {}, INVENTORY)


def run_renewals(context: JobContext) -> None:
    """Once a day: phones whose identities have lived two thirds of their time are told to renew them, those
    without an access identity to fetch one, and commands that ran out of time end.
    """
    context.finish(lambda: _renew(context.practice_id))


def _renew(practice_id: UUID) -> None:
    queue.expire_commands(practice_id=practice_id)
    for identity in pki_api.due_for_renewal(practice_id=practice_id, at=clock.now()):
        row = Enrollment.objects.filter(pk=identity.enrollment_id, state=Enrollment.ENROLLED).first()
        profile = {"management": MANAGEMENT_PROFILE, "access": ACCESS_PROFILE}.get(identity.purpose)
        if row is None or row.device_id is None or profile is None:
            continue
        if not _waits(row, profile, purpose=RENEWAL):
            _order(row.device_id, "InstallProfile", {"profile": profile}, RENEWAL)
    _offer_access_identities(practice_id)
    plan_renewals(practice_id)


def _waits(row: Enrollment, profile: str, **wanted: str) -> bool:
    """Whether the profile is ordered already and the phone has not answered."""
    orders = Command.objects.filter(
        enrollment_id=row.id, request_type="InstallProfile", state__in=UNFINISHED, **wanted
    )
    return any(msgspec.json.decode(order.params).get("profile") == profile for order in orders)


def _offer_access_identities(practice_id: UUID) -> None:
    """A phone that was away past the end of its access identity finds the order for another when it is back.

    One that is held or lost gets none: ending its hold offers it.
    """
    provided = pki_api.devices_with_access(practice_id=practice_id, at=clock.now())
    rows = Enrollment.objects.filter(state=Enrollment.ENROLLED, device__isnull=False)
    rows = rows.filter(device__removed_at=None, device__held=False, device__lost_case_ref="")
    for row in rows.exclude(device_id__in=provided):
        if row.device_id is not None and not _waits(row, ACCESS_PROFILE):
            offer_access_identity(device_id=row.device_id, by=BY)


@unit_of_work
def plan_renewals(practice_id: UUID) -> None:
    """Look again tomorrow; one plan a practice and day, whoever asks."""
    day = (clock.now() + timedelta(days=1)).date()
    enqueue("fleet.renewals", practice_id, not_before=clock.now() + timedelta(days=1), key=f"renewals:{day}")


def _plan_refresh(row: Enrollment, number: int) -> None:
    enqueue(
        "fleet.refresh",
        row.practice_id,
        {"enrollment_id": str(row.id), "number": number},
        not_before=clock.now() + REFRESH_EVERY,
        key=f"refresh:{row.id}:{number}",
    )


def run_refresh(context: JobContext) -> None:
    """Ask an enrolled phone again, and plan the next time; ends with the enrollment."""
    context.finish(lambda: _refresh(UUID(context.payload["enrollment_id"]), int(context.payload["number"])))


def _aged_lists(row: Enrollment) -> tuple[str, ...]:
    """The long questions without an answer for a day: by age, not by count of rounds.

    A phone that comes back after days of silence answers all of them in its first round, and is not refused
    for what nobody asked it.
    """
    answered = set(
        Command.objects.filter(
            enrollment_id=row.id,
            request_type__in=LISTS,
            state=ACKNOWLEDGED,
            finished_at__gt=clock.now() - LISTS_AFTER,
        ).values_list("request_type", flat=True)
    )
    return tuple(name for name in LISTS if name not in answered)


def _refresh(enrollment_id: UUID, number: int) -> None:
    row = Enrollment.objects.filter(pk=enrollment_id, state=Enrollment.ENROLLED).first()
    if row is None or row.device_id is None:
        return
    try:
        # What is proven gone is asked nothing; should its old identity speak, the next round asks again.
        if erased_at(device_id=row.device_id) is None:
            ask(device_id=row.device_id, request_types=HEALTH + _aged_lists(row))
    except (CommandRefused, NotEnrolled):
        return
    _plan_refresh(row, number + 1)
