"""Check-in messages: bytes to records, and records to bytes for simulated phones and tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pocketward.protocols.apple_mdm.errors import MessageError
from pocketward.protocols.apple_mdm.fields import Fields
from pocketward.protocols.apple_mdm.messages import (
    Authenticate,
    CheckIn,
    CheckOut,
    DeclarativeManagement,
    GetBootstrapToken,
    GetToken,
    SetBootstrapToken,
    TokenUpdate,
    UnknownCheckIn,
    UserAuthenticate,
)
from pocketward.protocols.apple_mdm.plists import DEFAULT_LIMITS, PlistLimits, read_plist, write_plist

CHECKIN_CONTENT_TYPE: Final = "application/x-apple-aspen-mdm-checkin"

# What a Mac adds; known, so not reported as unknown, but of no use to a phone's record.
_MAC_KEYS: Final = ("EnrollmentUserID", "UserLongName", "NotOnConsole", "AuthToken")


def sender_of(fields: Fields) -> dict[str, Any]:
    """UDID, EnrollmentID and Shared iPad user; MessageError when the phone does not name itself."""
    sender = {
        "udid": fields.optional_text("UDID"),
        "enrollment_id": fields.optional_text("EnrollmentID"),
        "user_id": fields.optional_text("UserID"),
        "user_short_name": fields.optional_text("UserShortName"),
    }
    if sender["udid"] is None and sender["enrollment_id"] is None:
        raise MessageError("The message names no phone: neither UDID nor EnrollmentID.")
    return sender


def _authenticate(fields: Fields) -> dict[str, Any]:
    return {
        "topic": fields.text("Topic"),
        "os_version": fields.optional_text("OSVersion"),
        "build_version": fields.optional_text("BuildVersion"),
        "product_name": fields.optional_text("ProductName"),
        "serial_number": fields.optional_text("SerialNumber"),
        "imei": fields.optional_text("IMEI"),
        "meid": fields.optional_text("MEID"),
        "device_name": fields.optional_text("DeviceName"),
        "model": fields.optional_text("Model"),
        "model_name": fields.optional_text("ModelName"),
    }


def _token_update(fields: Fields) -> dict[str, Any]:
    return {
        "topic": fields.text("Topic"),
        "token": fields.data("Token"),
        "push_magic": fields.text("PushMagic"),
        "unlock_token": fields.optional_data("UnlockToken"),
        "awaiting_configuration": fields.flag("AwaitingConfiguration"),
    }


def _check_out(fields: Fields) -> dict[str, Any]:
    return {"topic": fields.text("Topic")}


def _get_token(fields: Fields) -> dict[str, Any]:
    return {
        "token_service_type": fields.text("TokenServiceType"),
        "token_parameters": fields.optional_dictionary("TokenParameters"),
    }


def _declarative_management(fields: Fields) -> dict[str, Any]:
    return {"endpoint": fields.text("Endpoint"), "data": fields.optional_data("Data")}


def _set_bootstrap_token(fields: Fields) -> dict[str, Any]:
    return {"bootstrap_token": fields.optional_data("BootstrapToken")}


def _nothing(fields: Fields) -> dict[str, Any]:
    return {}


def _user_authenticate(fields: Fields) -> dict[str, Any]:
    return {"digest_response": fields.optional_text("DigestResponse")}


_Reader = tuple[type[CheckIn], Callable[[Fields], dict[str, Any]]]
_READERS: Final[dict[str, _Reader]] = {
    "Authenticate": (Authenticate, _authenticate),
    "TokenUpdate": (TokenUpdate, _token_update),
    "CheckOut": (CheckOut, _check_out),
    "GetToken": (GetToken, _get_token),
    "DeclarativeManagement": (DeclarativeManagement, _declarative_management),
    "SetBootstrapToken": (SetBootstrapToken, _set_bootstrap_token),
    "GetBootstrapToken": (GetBootstrapToken, _nothing),
    "UserAuthenticate": (UserAuthenticate, _user_authenticate),
}


def parse_checkin(data: bytes, limits: PlistLimits = DEFAULT_LIMITS) -> CheckIn:
    """The message in a PUT to the check-in address. PlistError or MessageError when it is none."""
    return checkin_of(read_plist(data, limits), data)


def checkin_of(content: dict[str, Any], raw: bytes) -> CheckIn:
    """The message in an already read dictionary."""
    name = content.get("MessageType")
    if not isinstance(name, str) or not 0 < len(name) <= 100:
        raise MessageError("The message has no MessageType.")
    fields = Fields(content, name)
    fields.text("MessageType")
    sender = sender_of(fields)
    reader = _READERS.get(name)
    if reader is None:
        return UnknownCheckIn(**sender, type_name=name, content=fields.rest(), raw=raw)
    for key in _MAC_KEYS:
        fields.ignore(key)
    record, read = reader
    values = read(fields)
    return record(**sender, **values, unknown_keys=fields.unread(), raw=raw)


_KEYS: Final[dict[str, str]] = {
    "udid": "UDID",
    "enrollment_id": "EnrollmentID",
    "user_id": "UserID",
    "user_short_name": "UserShortName",
    "topic": "Topic",
    "os_version": "OSVersion",
    "build_version": "BuildVersion",
    "product_name": "ProductName",
    "serial_number": "SerialNumber",
    "imei": "IMEI",
    "meid": "MEID",
    "device_name": "DeviceName",
    "model": "Model",
    "model_name": "ModelName",
    "token": "Token",
    "push_magic": "PushMagic",
    "unlock_token": "UnlockToken",
    "awaiting_configuration": "AwaitingConfiguration",
    "token_service_type": "TokenServiceType",
    "token_parameters": "TokenParameters",
    "endpoint": "Endpoint",
    "data": "Data",
    "bootstrap_token": "BootstrapToken",
    "digest_response": "DigestResponse",
}


def checkin_plist(message: CheckIn) -> bytes:
    """The bytes a phone sends for this message; values that are None are left out."""
    if isinstance(message, UnknownCheckIn):
        content: dict[str, Any] = {"MessageType": message.type_name, **message.content}
    else:
        content = {"MessageType": message.message_type}
    for attribute, key in _KEYS.items():
        value = getattr(message, attribute, None)
        if value is not None:
            content[key] = value
    return write_plist(content)
