"""Installs a configuration profile: the practice's policy, the access identity, a renewed enrollment.

The queue holds which profile (`{"profile": "policy"}`), never its bytes: they are made at hand-out, so that a
challenge lives minutes and a policy is never older than the moment the phone takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget


def _build(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    return {"Payload": params["payload"]}


ENTRY = AppleCommand(id="install_profile", request_type="InstallProfile", build=_build)
