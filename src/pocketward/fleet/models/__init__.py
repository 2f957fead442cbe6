"""The fleet's rows; Django finds them here."""

from pocketward.fleet.models.commands import Command, CommandProof, EraseIntent
from pocketward.fleet.models.devices import Device, DeviceState, Enrollment, PushCertificate
from pocketward.fleet.models.guarding import Approval, GuardOptions, InstallationTally
from pocketward.fleet.models.messages import UnknownKey
from pocketward.fleet.models.push_requests import PushRequest

__all__ = (
    "Approval",
    "Command",
    "CommandProof",
    "Device",
    "DeviceState",
    "Enrollment",
    "EraseIntent",
    "GuardOptions",
    "InstallationTally",
    "PushCertificate",
    "PushRequest",
    "UnknownKey",
)
