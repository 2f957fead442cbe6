"""How a simulated phone answers each command, from its state; never a key that Apple's schema lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from devicelab.phone.state import PhoneState
from pocketward.kernel import clock
from pocketward.protocols.apple_mdm import AccessRight

Payload = dict[str, Any]

# The lab's App Store: number -> bundle identifier.
STORE = {1000001: "org.example.harbor-records", 1000002: "org.example.harbor-messages"}
# The newest version of every app in it.
NEWEST = "1.0"
# What a look at the list finds a step further at the next look (Apple, ManagedApplicationList: Status).
LATER = {"Queued": "Installing", "Installing": "Managed", "Updating": "Managed"}


class CommandFailed(Exception):
    """The phone answers Error with this code."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


def _need(state: PhoneState, right: AccessRight) -> None:
    if state.management is None or not state.management.access_rights & right:
        raise CommandFailed(12003, "The server does not have the right to do this.")


def _need_supervision(state: PhoneState) -> None:
    if not state.spec.supervised:
        raise CommandFailed(12078, "The device is not supervised.")


def device_information(state: PhoneState, params: Payload) -> Payload:
    """Only what was asked for."""
    known: Payload = {
        "UDID": state.udid,
        "DeviceName": state.spec.name,
        "OSVersion": state.os_version,
        "BuildVersion": state.build,
        "SupplementalBuildVersion": state.build,
        "ModelName": state.spec.model_name.split()[0],
        "Model": state.spec.model,
        "ProductName": state.spec.model,
        "SerialNumber": state.spec.serial,
        "DeviceCapacity": 128.0,
        "AvailableDeviceCapacity": 71.5,
        "BatteryLevel": state.battery,
        "IsSupervised": state.spec.supervised,
        "IsMDMLostModeEnabled": state.lost_mode is not None,
        "IsActivationLockEnabled": False,
        "IsCloudBackupEnabled": False,
        "IsDeviceLocatorServiceEnabled": False,
        "WiFiMAC": "00:00:5e:00:53:01",
    }
    asked = params.get("Queries", [])
    return {"QueryResponses": {name: known[name] for name in asked if name in known}}


def security_info(state: PhoneState, params: Payload) -> Payload:
    """Encryption and passcode."""
    return {
        "SecurityInfo": {
            "HardwareEncryptionCaps": 3 if state.spec.encrypted else 0,
            "PasscodePresent": state.passcode,
            "PasscodeCompliant": state.passcode_fits,
            "PasscodeCompliantWithProfiles": state.passcode_fits,
            "PasscodeLockGracePeriod": 0,
            "PasscodeLockGracePeriodEnforced": 0,
        }
    }


def installed_application_list(state: PhoneState, params: Payload) -> Payload:
    """Every app, or only those that management put there."""
    managed = state.management.managed_apps if state.management else {}
    older = state.management.app_versions if state.management else {}
    names = [name for name, status in managed.items() if status in ("Managed", "Updating")]
    if not params.get("ManagedAppsOnly"):
        names = [*state.own_apps, *names]
    apps = [
        {
            "Identifier": name,
            "Name": name.rpartition(".")[2].title(),
            "ShortVersion": older.get(name, NEWEST),
            "Version": "100",
        }
        for name in names
    ]
    return {"InstalledApplicationList": apps}


def managed_application_list(state: PhoneState, params: Payload) -> Payload:
    """Installing apps move one step at each look."""
    apps = state.management.managed_apps if state.management else {}
    answer = {
        name: {
            "Status": status,
            "ManagementFlags": 1,
            "UnusedRedemptionCode": "",
            "HasConfiguration": False,
            "HasFeedback": False,
            "IsValidated": status == "Managed",
            "ExternalVersionIdentifier": 1,
        }
        for name, status in apps.items()
    }
    moving = [name for name, status in apps.items() if status in LATER and status != state.faults.app_stays]
    for name in moving:
        if state.management is not None and LATER[apps[name]] == "Managed":
            state.management.app_versions.pop(name, None)
        apps[name] = LATER[apps[name]]
    return {"ManagedApplicationList": answer}


def profile_list(state: PhoneState, params: Payload) -> Payload:
    """The installed profiles."""
    profiles = state.management.profiles.values() if state.management else ()
    return {
        "ProfileList": [
            {
                "PayloadIdentifier": profile["identifier"],
                "PayloadUUID": profile["uuid"],
                "PayloadDisplayName": profile["name"],
                "PayloadVersion": 1,
                "HasRemovalPasscode": False,
                "IsEncrypted": False,
                "IsManaged": True,
                "PayloadContent": [],
            }
            for profile in profiles
        ]
    }


def certificate_list(state: PhoneState, params: Payload) -> Payload:
    """The identities that the practice issued."""
    management = state.management
    if management is None:
        return {"CertificateList": []}
    found = [management.identity, *([management.access_identity] if management.access_identity else [])]
    return {
        "CertificateList": [
            {"CommonName": f"identity {number}", "Data": item.certificate, "IsIdentity": True}
            for number, item in enumerate(found)
        ]
    }


def device_lock(state: PhoneState, params: Payload) -> Payload:
    """Lock; the message shows only when there is a passcode."""
    _need(state, AccessRight.LOCK_AND_PASSCODE)
    if state.lost_mode is not None:
        return {"MessageResult": "DeviceInLostMode"}
    state.locked = True
    state.lock_message = " ".join(filter(None, (params.get("Message"), params.get("PhoneNumber"))))
    return {"MessageResult": "Success" if state.passcode else "NoPasscodeSet"}


def clear_passcode(state: PhoneState, params: Payload) -> Payload:
    """Needs the unlock token of the phone's own TokenUpdate."""
    _need(state, AccessRight.LOCK_AND_PASSCODE)
    if not params.get("UnlockToken"):
        raise CommandFailed(12010, "There is no unlock token.")
    state.passcode = state.locked = False
    return {}


def enable_lost_mode(state: PhoneState, params: Payload) -> Payload:
    """Supervised devices only."""
    _need_supervision(state)
    if not (params.get("Message") or params.get("PhoneNumber")):
        raise CommandFailed(12080, "Lost mode needs a message or a number.")
    texts: dict[str, str] = {
        name: str(params[name]) for name in ("Message", "PhoneNumber", "Footnote") if name in params
    }
    state.lost_mode, state.locked = texts, True
    return {}


def disable_lost_mode(state: PhoneState, params: Payload) -> Payload:
    """Back to normal; the phone stays locked."""
    _need_supervision(state)
    state.lost_mode, state.sounding = None, False
    return {}


def device_location(state: PhoneState, params: Payload) -> Payload:
    """Only in lost mode."""
    if state.lost_mode is None:
        raise CommandFailed(12067, "The device is not in lost mode.")
    latitude, longitude = state.location
    return {
        "Latitude": latitude,
        "Longitude": longitude,
        "HorizontalAccuracy": 65.0,
        "VerticalAccuracy": 10.0,
        "Altitude": 1.0,
        "Speed": -1.0,
        "Course": -1.0,
        "Timestamp": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def play_lost_mode_sound(state: PhoneState, params: Payload) -> Payload:
    """Only in lost mode."""
    if state.lost_mode is None:
        raise CommandFailed(12067, "The device is not in lost mode.")
    state.sounding = True
    return {}


def erase_device(state: PhoneState, params: Payload) -> Payload:
    """Acknowledges; the erase itself happens when the answer is out."""
    _need(state, AccessRight.ERASE)
    return {}


def restart_device(state: PhoneState, params: Payload) -> Payload:
    """Supervised devices only; locked after the restart."""
    _need_supervision(state)
    state.locked = True
    return {}


def install_application(state: PhoneState, params: Payload) -> Payload:
    """Queues the app, or fetches its newest version; the list of managed apps shows how far it is."""
    _need(state, AccessRight.APP_MANAGEMENT)
    number = int(params.get("iTunesStoreID", 0))
    name = str(params.get("Identifier") or STORE.get(number, ""))
    if not name:
        raise CommandFailed(12025, "The store has no such app.")
    if state.management is None:
        raise CommandFailed(12021, "The device is not managed.")
    apps, is_old = state.management.managed_apps, name in state.management.app_versions
    if apps.get(name) == "Managed":
        apps[name] = "Updating" if is_old else "Managed"
    elif apps.get(name) not in LATER:
        apps[name] = "Queued"
    return {"Identifier": name, "State": apps[name]}


def delete_app(state: PhoneState, name: str) -> None:
    """Its holder deletes an app that management put there; KeyError for another."""
    if state.management is None or state.management.managed_apps[name] != "Managed":
        raise KeyError(name)
    state.management.managed_apps[name] = "ManagedButUninstalled"


def remove_application(state: PhoneState, params: Payload) -> Payload:
    """Only apps that management put there."""
    if (
        state.management is None
        or state.management.managed_apps.pop(params.get("Identifier", ""), None) is None
    ):
        raise CommandFailed(12026, "The app is not managed.")
    return {}


# InstallProfile and RemoveProfile need the network and are in `profiles`.
REPLIES: dict[str, Callable[[PhoneState, Payload], Payload]] = {
    "DeviceInformation": device_information,
    "SecurityInfo": security_info,
    "InstalledApplicationList": installed_application_list,
    "ManagedApplicationList": managed_application_list,
    "ProfileList": profile_list,
    "CertificateList": certificate_list,
    "DeviceLock": device_lock,
    "ClearPasscode": clear_passcode,
    "EnableLostMode": enable_lost_mode,
    "DisableLostMode": disable_lost_mode,
    "DeviceLocation": device_location,
    "PlayLostModeSound": play_lost_mode_sound,
    "EraseDevice": erase_device,
    "RestartDevice": restart_device,
    "InstallApplication": install_application,
    "RemoveApplication": remove_application,
}
NEVER_NOT_NOW = frozenset(
    {"DeviceLock", "EnableLostMode", "DisableLostMode", "DeviceLocation", "EraseDevice"}
)
# What iOS holds back while it is locked with a passcode (Apple developer forum 747460).
NOT_NOW_WHEN_LOCKED = frozenset({"InstallProfile", "InstallApplication", "SecurityInfo"})
