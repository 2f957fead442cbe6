"""Commands: the dictionary a phone is handed when it asks for work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pocketward.protocols.apple_mdm.errors import MessageError
from pocketward.protocols.apple_mdm.fields import Fields
from pocketward.protocols.apple_mdm.plists import DEFAULT_LIMITS, PlistLimits, read_plist, write_plist


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command as a phone reads it."""

    command_uuid: str
    request_type: str
    params: dict[str, Any] = field(default_factory=dict, repr=False)


def command_plist(command_uuid: str, request_type: str, params: Mapping[str, Any] | None = None) -> bytes:
    """The bytes of a command; `params` are the keys beside RequestType and may not contain it."""
    if params and "RequestType" in params:
        raise MessageError("A command's parameters may not name another RequestType.")
    command = {"RequestType": request_type, **(params or {})}
    return write_plist({"Command": command, "CommandUUID": command_uuid})


def parse_command(data: bytes, limits: PlistLimits = DEFAULT_LIMITS) -> Command:
    """The command in an answer of the server; for simulated phones and tests."""
    outer = Fields(read_plist(data, limits), "Command")
    inner = outer.optional_dictionary("Command")
    if inner is None:
        raise MessageError("The answer holds no command.")
    fields = Fields(inner, "Command")
    request_type = fields.text("RequestType")
    return Command(command_uuid=outer.text("CommandUUID"), request_type=request_type, params=fields.rest())
