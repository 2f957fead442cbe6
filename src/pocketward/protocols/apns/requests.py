"""A wake-up for one phone, as the push service expects it; and the service's side, for the stand-in.

The push carries nothing but the word that the phone gave us: the phone then asks us for its work
(Apple, "Sending notification requests to APNs", and the device management check-in protocol).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from pocketward.protocols.apns.errors import PushError

PRODUCTION_HOST: Final = "api.push.apple.com"
PORT: Final = 443
ALTERNATE_PORT: Final = 2197
MAX_TOKEN_BYTES: Final = 100
MAX_BODY_BYTES: Final = 4096
PRIORITY_NOW: Final = 10
_PATH: Final = re.compile(r"/3/device/((?:[0-9a-fA-F]{2})+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PushRequest:
    """A POST over HTTP/2; the client certificate of the connection must be the topic's."""

    path: str = field(repr=False)
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedPush:
    """A push as the service sees it."""

    token: bytes = field(repr=False)
    topic: str
    push_type: str
    priority: int
    expiration: int
    push_magic: str = field(repr=False)
    apns_id: UUID | None = None


def mdm_push(
    *, token: bytes, topic: str, push_magic: str, expiration: int, apns_id: UUID | None = None
) -> PushRequest:
    """A wake-up; until `expiration`, in seconds since 1970, the service keeps it for a phone that is off.

    With 0 the service tries once. It keeps one push for each phone and topic, the latest.
    """
    if not 0 < len(token) <= MAX_TOKEN_BYTES:
        raise PushError("The phone has given no usable push token.", reason="BadDeviceToken")
    if not topic or not push_magic:
        raise PushError("The phone has given no topic or no word for its pushes.", reason="MissingTopic")
    headers = [
        ("apns-topic", topic),
        ("apns-push-type", "mdm"),
        ("apns-priority", str(PRIORITY_NOW)),
        ("apns-expiration", str(max(0, expiration))),
    ]
    if apns_id is not None:
        headers.append(("apns-id", str(apns_id)))
    body = json.dumps({"mdm": push_magic}, separators=(",", ":"), ensure_ascii=False).encode()
    return PushRequest(path=f"/3/device/{token.hex()}", headers=tuple(headers), body=body)


def read_push(path: str, headers: Mapping[str, str], body: bytes) -> ReceivedPush:
    """Reads a request as the service would; PushError whose `reason` is the service's own word."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise PushError(reason="BadPath" if not path.startswith("/3/device/") else "BadDeviceToken")
    given = {name.lower(): value for name, value in headers.items()}
    if not given.get("apns-topic"):
        raise PushError(reason="MissingTopic")
    if given.get("apns-push-type") != "mdm":
        raise PushError(reason="InvalidPushType")
    return ReceivedPush(
        token=bytes.fromhex(match[1]),
        topic=given["apns-topic"],
        push_type="mdm",
        priority=_number(given.get("apns-priority", "10"), "BadPriority", choices=(1, 5, 10)),
        expiration=_number(given.get("apns-expiration", "0"), "BadExpirationDate"),
        push_magic=_push_magic(body),
        apns_id=_message_id(given.get("apns-id")),
    )


def _number(text: str, reason: str, choices: tuple[int, ...] = ()) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise PushError(reason=reason)
    if choices and int(text) not in choices:
        raise PushError(reason=reason)
    return int(text)


def _message_id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise PushError(reason="BadMessageId") from error


def _push_magic(body: bytes) -> str:
    if not body:
        raise PushError(reason="PayloadEmpty")
    if len(body) > MAX_BODY_BYTES:
        raise PushError(reason="PayloadTooLarge")
    try:
        content: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PushError(reason="BadPayload") from error
    magic = content.get("mdm") if isinstance(content, dict) else None
    if not isinstance(magic, str) or not magic:
        raise PushError(reason="BadPayload")
    return magic


def response_body(reason: str, timestamp: datetime | None = None) -> bytes:
    """The service's body for a refusal; `timestamp` (410) is when it learned that the token is dead."""
    content: dict[str, Any] = {"reason": reason}
    if timestamp is not None:
        content["timestamp"] = int(timestamp.astimezone(UTC).timestamp() * 1000)
    return json.dumps(content).encode()
