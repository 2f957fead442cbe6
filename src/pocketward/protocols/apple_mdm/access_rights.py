"""What an enrollment may do, fixed in its profile and never to be widened later (Apple, "MDM" payload).

A right that the profile lacks does not exist: a personal phone cannot be erased by anyone, because its
enrollment was made without that bit.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Final, Literal

Ownership = Literal["practice", "personal"]


class AccessRight(IntFlag):
    """The bits of AccessRights in the payload com.apple.mdm."""

    INSPECT_PROFILES = 1
    INSTALL_PROFILES = 2
    LOCK_AND_PASSCODE = 4
    ERASE = 8
    DEVICE_INFORMATION = 16
    NETWORK_INFORMATION = 32
    INSPECT_PROVISIONING = 64
    INSTALL_PROVISIONING = 128
    APPLICATIONS = 256
    RESTRICTIONS = 512
    SECURITY = 1024
    SETTINGS = 2048
    APP_MANAGEMENT = 4096


# The names Apple's schemas use.
RIGHT_NAMES: Final[dict[str, AccessRight]] = {
    "AllowInspection": AccessRight.INSPECT_PROFILES,
    "AllowInstallationRemoval": AccessRight.INSTALL_PROFILES,
    "AllowPasscodeRemovalAndLock": AccessRight.LOCK_AND_PASSCODE,
    "AllowDeviceErase": AccessRight.ERASE,
    "AllowQueryDeviceInformation": AccessRight.DEVICE_INFORMATION,
    "AllowQueryNetworkInformation": AccessRight.NETWORK_INFORMATION,
    "AllowProvisioningInspection": AccessRight.INSPECT_PROVISIONING,
    "AllowProvisioningInstallationRemoval": AccessRight.INSTALL_PROVISIONING,
    "AllowQueryApplications": AccessRight.APPLICATIONS,
    "AllowQueryRestrictions": AccessRight.RESTRICTIONS,
    "AllowQuerySecurity": AccessRight.SECURITY,
    "AllowSettings": AccessRight.SETTINGS,
    "AllowAppInstallation": AccessRight.APP_MANAGEMENT,
}

# Provisioning profiles are for people who build apps; no practice needs them.
_PERSONAL: Final = (
    AccessRight.INSPECT_PROFILES
    | AccessRight.INSTALL_PROFILES
    | AccessRight.LOCK_AND_PASSCODE
    | AccessRight.DEVICE_INFORMATION
    | AccessRight.APPLICATIONS
    | AccessRight.SECURITY
    | AccessRight.APP_MANAGEMENT
)
_PRACTICE: Final = (
    _PERSONAL
    | AccessRight.ERASE
    | AccessRight.NETWORK_INFORMATION
    | AccessRight.RESTRICTIONS
    | AccessRight.SETTINGS
)


def rights_for(ownership: Ownership) -> AccessRight:
    """The rights an enrollment gets: all that containment needs, or on a personal phone the fewest."""
    return _PERSONAL if ownership == "personal" else _PRACTICE
