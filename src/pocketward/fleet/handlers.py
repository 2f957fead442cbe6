"""What the fleet does when something happened elsewhere; all of it as jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pocketward.fleet.events import DeviceStateReported, PushCertificateAdded
from pocketward.policy.events import PolicyChanged

IN_TRANSACTION: Final[Mapping[type[Any], Any]] = {}
REACTIONS: Final[Mapping[type[Any], tuple[str, ...]]] = {
    DeviceStateReported: ("fleet.note_missing_apps",),
    PolicyChanged: ("fleet.spread_policy",),
    PushCertificateAdded: ("fleet.watch_push_certificate",),
}
