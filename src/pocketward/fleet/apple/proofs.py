"""Signs that an acknowledged command really took effect, read from what the phone says later.

An acknowledgement is the phone's promise; its state afterwards is the proof. Whatever can be seen is asked
for right after the acknowledgement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from pocketward.fleet import queue
from pocketward.fleet.apple.command_record import Facts, profile_identifier
from pocketward.fleet.apple.rounds import ask
from pocketward.fleet.models import Command
from pocketward.fleet.models.commands import ACKNOWLEDGED
from pocketward.kernel.ids import public_id

Proof = Callable[[Any, Mapping[str, Any], str], bool]
INSTALLED_STATES: Final = ("Managed",)


def _is_true(value: Any, params: Mapping[str, Any], practice: str) -> bool:
    return value is True


def _is_false(value: Any, params: Mapping[str, Any], practice: str) -> bool:
    return value is False


def _identifiers(value: Any) -> set[str]:
    return {str(item.get("identifier")) for item in value if isinstance(item, dict)}


def _profile_there(value: Any, params: Mapping[str, Any], practice: str) -> bool:
    return profile_identifier(practice, str(params.get("profile"))) in _identifiers(value)


def _profile_gone(value: Any, params: Mapping[str, Any], practice: str) -> bool:
    return str(params.get("identifier")) not in _identifiers(value)


def _app_there(value: Any, params: Mapping[str, Any], practice: str) -> bool:
    installed = [item for item in value if item.get("status") in INSTALLED_STATES]
    return str(params.get("identifier")) in _identifiers(installed)


def _app_gone(value: Any, params: Mapping[str, Any], practice: str) -> bool:
    return str(params.get("identifier")) not in _identifiers(value)


# Command -> the fact that shows its effect, how to read it, and the question that brings it.
_PROOFS: Final[dict[str, tuple[str, Proof, str]]] = {
    "EnableLostMode": ("lost_mode_enabled", _is_true, "DeviceInformation"),
    "DisableLostMode": ("lost_mode_enabled", _is_false, "DeviceInformation"),
    "InstallProfile": ("profiles", _profile_there, "ProfileList"),
    "RemoveProfile": ("profiles", _profile_gone, "ProfileList"),
    "InstallApplication": ("managed_apps", _app_there, "ManagedApplicationList"),
    "RemoveApplication": ("managed_apps", _app_gone, "ManagedApplicationList"),
}


def ask_for_proof(*, device_id: UUID, request_type: str) -> None:
    """Queue the question whose answer shows whether this command took effect."""
    known = _PROOFS.get(request_type)
    if known is not None:
        ask(device_id=device_id, request_types=(known[2],), purpose="proof")


def corroborate(*, enrollment_id: UUID, practice_id: UUID, facts: Facts) -> None:
    """Move acknowledged commands up whose effect these facts show."""
    types = [name for name, (fact, _, _) in _PROOFS.items() if fact in facts]
    if not types:
        return
    practice = public_id("prac", practice_id)
    rows = Command.objects.filter(enrollment_id=enrollment_id, state=ACKNOWLEDGED, request_type__in=types)
    for command in rows:
        fact, shows, question = _PROOFS[command.request_type]
        if shows(facts[fact], msgspec.json.decode(command.params), practice):
            queue.advance(command, "corroborated", detail=f"seen in {question}")
