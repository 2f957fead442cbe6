"""What one Apple command is to us: how it is built, what its answer tells, what of the answer is kept.

Under which conditions a phone knows the command (supervision, access rights, User Enrollment) is not written
here but computed from Apple's own schemas (`protocols.apple_mdm`), so that the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from pocketward.fleet.errors import FleetError
from pocketward.protocols.apple_mdm import AccessRight, command_rule

Facts = dict[str, Any]


@dataclass(frozen=True)
class OurIdentity:
    """A certificate that this practice gave to this phone: `purpose` is management or access."""

    purpose: str
    not_after: datetime


def nobodys(certificate_der: bytes) -> OurIdentity | None:
    """No certificate is ours."""
    return None


class CommandNotBuilt(FleetError):
    """This command cannot be made from these parameters, or must not be."""

    code = "fleet.command_not_built"
    sentence = "This command cannot be sent to this phone."


Lane = Literal["urgent", "normal"]


@dataclass(frozen=True, kw_only=True)
class CommandTarget:
    """The phone a command goes to, as far as building it or reading its answer depends on that.

    `managed_apps` are the identifiers known to be ours; on a personal phone nothing else is ever kept.
    `our_identity` looks up what a certificate (DER) is to us: None for one that this phone did not get here.
    """

    kind: str = "iphone"
    ownership: str = "practice"
    shared: bool = False
    supervised: bool | None = None
    os_version: str | None = None
    access_rights: int = 0
    management_profile: str = ""
    managed_apps: frozenset[str] = frozenset()
    unlock_token: bytes | None = None
    our_identity: Callable[[bytes], OurIdentity | None] = nobodys

    @property
    def is_personal(self) -> bool:
        """Whether the phone belongs to the person: then only what is managed may be read and kept."""
        return self.ownership == "personal"


Build = Callable[[Mapping[str, Any], CommandTarget], dict[str, Any]]
Read = Callable[[Mapping[str, Any], CommandTarget], Facts]
Redact = Callable[[Mapping[str, Any], CommandTarget], dict[str, Any] | None]


def build_nothing(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    """A command without keys."""
    return {}


def read_nothing(payload: Mapping[str, Any], target: CommandTarget) -> Facts:
    """An answer that tells nothing about the phone's state."""
    return {}


def keep_nothing(payload: Mapping[str, Any], target: CommandTarget) -> dict[str, Any] | None:
    """Nothing of the answer is kept; its digest still goes into the event it causes."""
    return None


@dataclass(frozen=True, kw_only=True)
class AppleCommand:
    """One command of the catalogue.

    `build` makes the keys on the wire from our parameters; `read` turns an acknowledged answer into facts of
    the device state; `redact` says what of the answer may be kept as evidence (None: nothing).
    `read_only` and `containment` mark what a held phone may still be told.
    """

    id: str
    request_type: str
    build: Build = build_nothing
    read: Read = read_nothing
    redact: Redact = keep_nothing
    destructive: bool = False
    lane: Lane = "normal"
    read_only: bool = False
    containment: bool = False

    @property
    def right(self) -> AccessRight | None:
        """The right that the enrollment must carry."""
        return command_rule(self.request_type).right

    @property
    def supervised_only(self) -> bool:
        """Whether only a supervised phone obeys."""
        return command_rule(self.request_type).supervised

    @property
    def personal_allowed(self) -> bool:
        """Whether a phone under User Enrollment knows this command at all."""
        return command_rule(self.request_type).user_mode != "forbidden"


# No number of Apple's is larger, and a larger one could be written neither as a fact nor as evidence.
LARGEST_NUMBER: Final = 2**63 - 1


def typed(content: Mapping[str, Any], names: Mapping[str, tuple[str, type]]) -> Facts:
    """The values of these keys under our names; a value of the wrong type or size counts as not told.

    `names` maps Apple's key to (our fact, type). A number of the wrong kind must not pass for a truth value.
    """
    facts: Facts = {}
    for key, (fact, kind) in names.items():
        value = content.get(key)
        if type(value) is kind and (not isinstance(value, int) or abs(value) <= LARGEST_NUMBER):
            facts[fact] = value[:200] if isinstance(value, str) else value
    return facts


def dictionaries(content: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The dictionaries of a list, without whatever else is in it."""
    items = content.get(key)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def text(item: Mapping[str, Any], key: str) -> str:
    """A text of an item, empty when absent or of another type."""
    value = item.get(key)
    return value[:200] if isinstance(value, str) else ""


# The identifiers of our own profiles end so; the practice's public id stands before.
MANAGEMENT_PROFILE: Final = "management"
ACCESS_PROFILE: Final = "access"
POLICY_PROFILE: Final = "policy"


def profile_identifier(practice_public_id: str, name: str) -> str:
    """The PayloadIdentifier of one of our profiles; the same for the life of the practice."""
    return f"org.pocketward.{practice_public_id}.{name}"


def is_access_or_policy_profile(identifier: str) -> bool:
    """Whether this is a profile of ours whose removal takes neither the management nor work data along."""
    parts = identifier.split(".")
    ours = len(parts) == 4 and parts[:2] == ["org", "pocketward"]
    return ours and parts[3] in (ACCESS_PROFILE, POLICY_PROFILE)


def is_management_profile(identifier: str) -> bool:
    """Whether removing this profile ends the management, and work data with it."""
    return identifier.startswith("org.pocketward.") and identifier.endswith(f".{MANAGEMENT_PROFILE}")
