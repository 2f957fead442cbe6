"""From a queued command to its bytes, held against Apple's schema before they leave."""

from __future__ import annotations

from functools import partial
from typing import Any, Final
from uuid import UUID

from pocketward.fleet.apple.catalogue import apple_command
from pocketward.fleet.apple.command_record import (
    MANAGEMENT_PROFILE,
    AppleCommand,
    CommandNotBuilt,
    CommandTarget,
    OurIdentity,
    profile_identifier,
)
from pocketward.fleet.apple.enrollment_profile import make_profile
from pocketward.fleet.devices import enrollment_record
from pocketward.fleet.guard import REMOVE_WORK_DATA
from pocketward.fleet.models import Command, DeviceState, Enrollment
from pocketward.fleet.records import WireCommand
from pocketward.kernel.errors import PocketwardError
from pocketward.kernel.ids import public_id
from pocketward.pki import api as pki_api
from pocketward.protocols.apple_mdm import (
    command_plist,
    parse_profile,
    validate_command,
    validate_payload,
)

# What is wrong with a payload for every phone, whatever it is and runs.
UNREADABLE: Final = frozenset(
    {
        "unknown_payload",
        "not_on_ios",
        "missing_key",
        "unknown_key",
        "wrong_type",
        "out_of_range",
        "not_a_choice",
    }
)


def target_of(enrollment: Enrollment) -> CommandTarget:
    """What is known of the enrolled phone, as far as commands depend on it."""
    row = DeviceState.objects.filter(device_id=enrollment.device_id).first()
    facts = row.facts if row is not None else {}
    os_version = _value(facts, "os_version")
    supervised = _value(facts, "supervised")
    return CommandTarget(
        kind=enrollment.kind,
        ownership=enrollment.ownership,
        shared=enrollment.shared,
        supervised=supervised if isinstance(supervised, bool) else None,
        os_version=os_version if isinstance(os_version, str) else None,
        access_rights=enrollment.access_rights,
        management_profile=profile_identifier(public_id("prac", enrollment.practice_id), MANAGEMENT_PROFILE),
        managed_apps=_managed_apps(enrollment.id, _value(facts, "managed_apps")),
        unlock_token=enrollment.unlock_token,
        our_identity=partial(_our_identity, enrollment),
    )


def _our_identity(enrollment: Enrollment, certificate_der: bytes) -> OurIdentity | None:
    """What was issued to this phone under any of its enrollments; None for a revoked one too."""
    found = pki_api.identity_of(practice_id=enrollment.practice_id, certificate_der=certificate_der)
    if (
        found is None
        or found.state == "revoked"
        or not (found.enrollment_id == enrollment.id or found.device_id == enrollment.device_id)
    ):
        return None
    return OurIdentity(found.purpose, found.not_after)


def _value(facts: dict[str, Any], name: str) -> Any:
    fact = facts.get(name)
    return fact.get("value") if isinstance(fact, dict) else None


def _managed_apps(enrollment_id: UUID, reported: Any) -> frozenset[str]:
    """The apps that are ours: what the phone lists as managed."""
    items = reported if isinstance(reported, list) else []
    return frozenset(str(item.get("identifier", "")) for item in items if isinstance(item, dict))


def entry_of(request_type: str) -> AppleCommand:
    """The catalogue's entry; CommandNotBuilt when we have none of this name."""
    entry = apple_command(request_type)
    if entry is None:
        raise CommandNotBuilt(f"There is no Apple command called {request_type}.")
    return entry


def _require_known_payloads(profile: bytes, target: CommandTarget) -> None:
    """CommandNotBuilt for a payload that no phone could read.

    What only this phone cannot do (supervision, an older system) is no reason: a phone leaves that out by
    itself, and the rest of the profile must reach it.
    """
    for payload in parse_profile(profile).content["PayloadContent"]:
        kind = payload["PayloadType"]
        problems = validate_payload(
            kind,
            payload,
            os_version=target.os_version,
            supervised=target.supervised,
            enrollment_kind="device",
            shared=target.shared,
        )
        for problem in problems:
            if problem.severity == "error" and problem.code in UNREADABLE:
                raise CommandNotBuilt(f"{kind} {problem.path}: {problem.sentence}")


def build_command(enrollment: Enrollment, command: WireCommand) -> bytes:
    """The bytes to hand out; CommandNotBuilt, with the reason, for what must not or cannot be sent."""
    entry, target = entry_of(command.request_type), target_of(enrollment)
    # Whether a command may destroy was settled by the guard when it was ordered; parameters cannot say so.
    row = Command.objects.get(pk=command.id)
    removes = row.destructive and row.purpose == REMOVE_WORK_DATA
    params: dict[str, Any] = dict(command.params) | {"remove_management": removes}
    try:
        if entry.request_type == "InstallProfile":
            params["payload"] = make_profile(str(params.get("profile", "")), enrollment_record(enrollment))
            _require_known_payloads(params["payload"], target)
        keys = entry.build(params, target)
    except (KeyError, TypeError, ValueError) as error:
        raise CommandNotBuilt(f"{command.request_type} lacks a parameter, or one is malformed.") from error
    except PocketwardError as error:
        raise CommandNotBuilt(error.sentence) from error
    problems = validate_command(
        entry.request_type,
        keys,
        os_version=target.os_version,
        supervised=target.supervised,
        enrollment_kind="device",
        access_rights=target.access_rights,
        shared=target.shared,
    )
    for problem in problems:
        if problem.severity == "error":
            raise CommandNotBuilt(f"{command.request_type}: {problem.sentence}")
    return command_plist(str(command.id), entry.request_type, keys)
