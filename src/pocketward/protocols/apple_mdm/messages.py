"""The check-in messages a phone sends (Apple, "MDM check-in protocol"), as records.

`device_key` is how the rest of the product names a phone: the EnrollmentID of a User Enrollment, which has no
UDID, or else the UDID. `raw` holds the bytes as they came; secrets do not show in the text form of a record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

_secret = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sent a message: the phone, and on a Shared iPad the signed-in person."""

    udid: str | None = None
    enrollment_id: str | None = None
    user_id: str | None = None
    user_short_name: str | None = None

    @property
    def device_key(self) -> str:
        """EnrollmentID where there is one, otherwise UDID; never empty."""
        return self.enrollment_id or self.udid or ""

    @property
    def is_user_enrollment(self) -> bool:
        """Whether the phone names itself as account-driven User Enrollment does: without a UDID."""
        return self.enrollment_id is not None and self.udid is None

    @property
    def is_user_channel(self) -> bool:
        """Whether this is the channel of a person on a Shared iPad, not the device's own."""
        return self.user_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn(Sender):
    """What all check-in messages share; `unknown_keys` names keys that nobody describes, kept in `raw`."""

    message_type: ClassVar[str] = ""
    unknown_keys: tuple[str, ...] = ()
    raw: bytes = _secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticate(CheckIn):
    """The phone has installed the enrollment profile and asks to be let in. Not yet enrolled."""

    message_type: ClassVar[str] = "Authenticate"
    topic: str
    os_version: str | None = None
    build_version: str | None = None
    product_name: str | None = None
    serial_number: str | None = None
    imei: str | None = None
    meid: str | None = None
    device_name: str | None = None
    model: str | None = None
    model_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUpdate(CheckIn):
    """How to reach the phone. The first one completes the enrollment; later ones may lack UnlockToken."""

    message_type: ClassVar[str] = "TokenUpdate"
    topic: str
    token: bytes = field(repr=False)
    push_magic: str = field(repr=False)
    unlock_token: bytes | None = field(default=None, repr=False)
    awaiting_configuration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOut(CheckIn):
    """The enrollment profile was removed; best effort, it may never come."""

    message_type: ClassVar[str] = "CheckOut"
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetToken(CheckIn):
    """The phone asks for a token, such as com.apple.maid or com.apple.watch.pairing."""

    message_type: ClassVar[str] = "GetToken"
    token_service_type: str
    token_parameters: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarativeManagement(CheckIn):
    """A request of declarative management: `endpoint` such as "tokens" or "status", `data` its JSON."""

    message_type: ClassVar[str] = "DeclarativeManagement"
    endpoint: str
    data: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBootstrapToken(CheckIn):
    """Sent by Macs only; None clears the token."""

    message_type: ClassVar[str] = "SetBootstrapToken"
    bootstrap_token: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBootstrapToken(CheckIn):
    """Sent by Macs only."""

    message_type: ClassVar[str] = "GetBootstrapToken"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAuthenticate(CheckIn):
    """Sent by Macs only; answered with 410."""

    message_type: ClassVar[str] = "UserAuthenticate"
    digest_response: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownCheckIn(CheckIn):
    """A message type this release does not know: kept, shown, answered with an empty 200."""

    message_type: ClassVar[str] = ""
    type_name: str
    content: dict[str, Any] = field(default_factory=dict, repr=False)
