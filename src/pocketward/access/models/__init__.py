"""The rows of access; Django finds them here."""

from pocketward.access.models.apps import App, AppHost, Permit, RulesVersion
from pocketward.access.models.decisions import DecisionMinute, DecisionRow, GateAlarm
from pocketward.access.models.devices import DeviceAccess, Hold
from pocketward.access.models.emergency import EmergencyGrant
from pocketward.access.models.networks import Network
from pocketward.access.models.sessions import GateSession, OneTimeCode
from pocketward.access.models.snapshot import SnapshotCounter, SnapshotRow

__all__ = (
    "App",
    "AppHost",
    "DecisionMinute",
    "DecisionRow",
    "DeviceAccess",
    "EmergencyGrant",
    "GateAlarm",
    "GateSession",
    "Hold",
    "Network",
    "OneTimeCode",
    "Permit",
    "RulesVersion",
    "SnapshotCounter",
    "SnapshotRow",
)
