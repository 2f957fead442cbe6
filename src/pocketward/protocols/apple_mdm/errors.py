"""What can be wrong with what a phone sends, or with a profile."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class PlistError(PocketwardError):
    """The bytes are not a property list that we accept."""

    code = "protocols.plist"
    sentence = "This is not a property list that can be read."
    advice = "Device management speaks XML property lists in UTF-8, at most 5 MB, without entities."


class MessageError(PocketwardError):
    """The property list is no message of the device management protocol, or lacks what it must have."""

    code = "protocols.mdm_message"
    sentence = "This is not a device management message."
    advice = "Compare the message with Apple's description of check-in messages and command responses."


class ProfileError(PocketwardError):
    """The file is no configuration profile, or a profile is asked for that phones would refuse."""

    code = "protocols.profile"
    sentence = "This is not a configuration profile."
    advice = "A profile is a property list of PayloadType Configuration, plain or signed."
