"""The rows of access; Django finds them here."""

from pocketward.access.models.apps import App, Permit, RulesVersion
from pocketward.access.models.devices import DeviceAccess, Hold
from pocketward.access.models.sessions import GateSession, OneTimeCode
from pocketward.access.models.snapshot import SnapshotCounter, SnapshotRow

__all__ = (
    "App",
    "DeviceAccess",
    "GateSession",
    "Hold",
    "OneTimeCode",
    "Permit",
    "RulesVersion",
    "SnapshotCounter",
    "SnapshotRow",
)
