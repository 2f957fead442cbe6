"""Apple's device management protocol: messages, commands, profiles, and facts about what exists where.

Pure: bytes to records and back. What arrives is untrusted until its signature is checked; every reader here
is bounded and raises only the errors of this package.
"""

from __future__ import annotations

from pocketward.protocols.apple_mdm.access_rights import AccessRight, Ownership, rights_for
from pocketward.protocols.apple_mdm.capabilities import (
    Capabilities,
    CommandCapability,
    capabilities,
    command_names,
    command_rule,
    device_information_queries,
)
from pocketward.protocols.apple_mdm.checkin import (
    CHECKIN_CONTENT_TYPE,
    checkin_plist,
    parse_checkin,
)
from pocketward.protocols.apple_mdm.commands import Command, command_plist, parse_command
from pocketward.protocols.apple_mdm.errors import MessageError, PlistError, ProfileError
from pocketward.protocols.apple_mdm.fact_records import Rule, facts_origin, facts_release
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
from pocketward.protocols.apple_mdm.payloads import (
    MdmPayload,
    PasscodePayload,
    Payload,
    RawPayload,
    RootCertificatePayload,
    ScepPayload,
    WebClipPayload,
)
from pocketward.protocols.apple_mdm.plists import DEFAULT_LIMITS, PlistLimits, read_plist, write_plist
from pocketward.protocols.apple_mdm.profiles import (
    PROFILE_CONTENT_TYPE,
    ParsedPayload,
    ParsedProfile,
    ProfileUuids,
    access_identity_profile,
    build_profile,
    enrollment_profile,
    parse_profile,
)
from pocketward.protocols.apple_mdm.reports import (
    CONNECT_CONTENT_TYPE,
    CommandReport,
    ErrorItem,
    ReportStatus,
    parse_message,
    parse_report,
    report_plist,
)
from pocketward.protocols.apple_mdm.unknown_keys import unknown_reply_keys
from pocketward.protocols.apple_mdm.validation import (
    EnrollmentKind,
    Problem,
    validate_checkin,
    validate_command,
    validate_payload,
    validate_reply,
)

__all__ = [
    "CHECKIN_CONTENT_TYPE",
    "CONNECT_CONTENT_TYPE",
    "DEFAULT_LIMITS",
    "PROFILE_CONTENT_TYPE",
    "AccessRight",
    "Authenticate",
    "Capabilities",
    "CheckIn",
    "CheckOut",
    "Command",
    "CommandCapability",
    "CommandReport",
    "DeclarativeManagement",
    "EnrollmentKind",
    "ErrorItem",
    "GetBootstrapToken",
    "GetToken",
    "MdmPayload",
    "MessageError",
    "Ownership",
    "ParsedPayload",
    "ParsedProfile",
    "PasscodePayload",
    "Payload",
    "PlistError",
    "PlistLimits",
    "Problem",
    "ProfileError",
    "ProfileUuids",
    "RawPayload",
    "ReportStatus",
    "RootCertificatePayload",
    "Rule",
    "ScepPayload",
    "SetBootstrapToken",
    "TokenUpdate",
    "UnknownCheckIn",
    "UserAuthenticate",
    "WebClipPayload",
    "access_identity_profile",
    "build_profile",
    "capabilities",
    "checkin_plist",
    "command_names",
    "command_plist",
    "command_rule",
    "device_information_queries",
    "enrollment_profile",
    "facts_origin",
    "facts_release",
    "parse_checkin",
    "parse_command",
    "parse_message",
    "parse_profile",
    "parse_report",
    "read_plist",
    "report_plist",
    "rights_for",
    "unknown_reply_keys",
    "validate_checkin",
    "validate_command",
    "validate_payload",
    "validate_reply",
    "write_plist",
]
