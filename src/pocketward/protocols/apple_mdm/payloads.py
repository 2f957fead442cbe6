"""The payloads we put into configuration profiles, each with the keys of Apple's schema and nothing else.

UUIDs and identifiers are given by the caller, so that the same input makes the same bytes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal
from uuid import UUID

from pocketward.protocols.apple_mdm.access_rights import AccessRight
from pocketward.protocols.apple_mdm.errors import ProfileError

KEY_USAGE_SIGN_AND_ENCRYPT = 5


def _without_none(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload(ABC):
    """What every payload has: who it is across updates (`identifier`), and this edition of it (`uuid`)."""

    payload_type: ClassVar[str] = ""
    uuid: UUID
    identifier: str
    display_name: str

    @abstractmethod
    def content(self) -> dict[str, Any]:
        """The keys of this type of payload."""

    def dictionary(self) -> dict[str, Any]:
        """The whole payload as it stands in the profile."""
        return {
            "PayloadType": self._type(),
            "PayloadVersion": 1,
            "PayloadIdentifier": self.identifier,
            "PayloadUUID": str(self.uuid).upper(),
            "PayloadDisplayName": self.display_name,
            **self.content(),
        }

    def _type(self) -> str:
        return self.payload_type


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPayload(Payload):
    """A payload of any type with ready keys: what policy compiles to."""

    type_name: str
    keys: Mapping[str, Any] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """The given keys."""
        return dict(self.keys)

    def _type(self) -> str:
        return self.type_name


@dataclass(frozen=True, slots=True, kw_only=True)
class ScepPayload(Payload):
    """Tells the phone to make a key and ask our authority for a certificate (com.apple.security.scep).

    `subject` is a list of (attribute, value) such as ("CN", "…"). Apple's defaults of 1024 bits and an
    extractable key are never used.
    """

    payload_type: ClassVar[str] = "com.apple.security.scep"
    url: str
    challenge: str = field(repr=False)
    subject: tuple[tuple[str, str], ...]
    name: str = ""
    ca_fingerprint: bytes | None = None
    key_size: int = 2048
    key_usage: int = KEY_USAGE_SIGN_AND_ENCRYPT
    retries: int = 3
    retry_delay: int = 10
    uri_name: str | None = None

    def content(self) -> dict[str, Any]:
        """One inner dictionary with everything the phone needs to ask."""
        if self.key_size < 2048:
            raise ProfileError("A device key must have at least 2048 bits.")
        inner = {
            "URL": self.url,
            "Name": self.name or None,
            "Subject": [[[attribute, value]] for attribute, value in self.subject],
            "Challenge": self.challenge,
            "Keysize": self.key_size,
            "Key Type": "RSA",
            "Key Usage": self.key_usage,
            "CAFingerprint": self.ca_fingerprint,
            "Retries": self.retries,
            "RetryDelay": self.retry_delay,
            "SubjectAltName": {"uniformResourceIdentifier": self.uri_name} if self.uri_name else None,
            "KeyIsExtractable": False,
        }
        return {"PayloadContent": _without_none(inner)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCertificatePayload(Payload):
    """A root the phone shall trust (com.apple.security.root)."""

    payload_type: ClassVar[str] = "com.apple.security.root"
    certificate_der: bytes
    file_name: str = "root.cer"

    def content(self) -> dict[str, Any]:
        """The certificate."""
        return {"PayloadCertificateFileName": self.file_name, "PayloadContent": self.certificate_der}


@dataclass(frozen=True, slots=True, kw_only=True)
class MdmPayload(Payload):
    """Hands the phone's management to us (com.apple.mdm). Requests are always signed."""

    payload_type: ClassVar[str] = "com.apple.mdm"
    identity_uuid: UUID
    topic: str
    server_url: str
    check_in_url: str
    access_rights: AccessRight
    check_out_when_removed: bool = True
    server_capabilities: tuple[str, ...] = ()
    assigned_managed_apple_id: str | None = None
    enrollment_mode: Literal["BYOD", "ADDE"] | None = None

    def content(self) -> dict[str, Any]:
        """Where to report, with which identity, and what we may do. Apple refuses addresses without TLS."""
        for address in (self.server_url, self.check_in_url):
            if not address.startswith("https://"):
                raise ProfileError("A phone reports to addresses that begin with https:// only.")
        rights = None if self.enrollment_mode == "BYOD" else int(self.access_rights)
        content = {
            "IdentityCertificateUUID": str(self.identity_uuid).upper(),
            "Topic": self.topic,
            "ServerURL": self.server_url,
            "CheckInURL": self.check_in_url,
            "SignMessage": True,
            "AccessRights": rights,
            "CheckOutWhenRemoved": self.check_out_when_removed,
            "ServerCapabilities": list(self.server_capabilities) or None,
            "AssignedManagedAppleID": self.assigned_managed_apple_id,
            "EnrollmentMode": self.enrollment_mode,
        }
        return _without_none(content)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasscodePayload(Payload):
    """What the passcode must be (com.apple.mobiledevice.passwordpolicy); None leaves a key out.

    A phone under User Enrollment ignores every key: it asks for six digits because the payload is there.
    """

    payload_type: ClassVar[str] = "com.apple.mobiledevice.passwordpolicy"
    force_pin: bool = True
    min_length: int | None = None
    require_alphanumeric: bool | None = None
    allow_simple: bool | None = None
    min_complex: int | None = None
    max_inactivity_minutes: int | None = None
    max_grace_minutes: int | None = None
    max_failed_attempts: int | None = None
    max_age_days: int | None = None
    history: int | None = None

    def content(self) -> dict[str, Any]:
        """The keys that were given."""
        content = {
            "forcePIN": self.force_pin,
            "minLength": self.min_length,
            "requireAlphanumeric": self.require_alphanumeric,
            "allowSimple": self.allow_simple,
            "minComplexChars": self.min_complex,
            "maxInactivity": self.max_inactivity_minutes,
            "maxGracePeriod": self.max_grace_minutes,
            "maxFailedAttempts": self.max_failed_attempts,
            "maxPINAgeInDays": self.max_age_days,
            "pinHistory": self.history,
        }
        return _without_none(content)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebClipPayload(Payload):
    """A page as an icon on the home screen (com.apple.webClip.managed): the staff's "My phone" page."""

    payload_type: ClassVar[str] = "com.apple.webClip.managed"
    label: str
    url: str
    removable: bool = False
    full_screen: bool = True
    icon_png: bytes | None = field(default=None, repr=False)

    def content(self) -> dict[str, Any]:
        """The address, the name under the icon, and the icon."""
        content = {
            "URL": self.url,
            "Label": self.label,
            "IsRemovable": self.removable,
            "FullScreen": self.full_screen,
            "Precomposed": True if self.icon_png is not None else None,
            "Icon": self.icon_png,
        }
        return _without_none(content)
