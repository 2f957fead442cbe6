"""What the push service's answers mean for us (Apple, "Handling notification responses from APNs")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

MAX_RESPONSE_BYTES: Final = 8192
MAX_RETRY_AFTER: Final = 86_400


class PushResult(StrEnum):
    """The kinds of answers we treat differently."""

    ACCEPTED = "accepted"
    UNREGISTERED = "unregistered"
    BAD_TOKEN = "bad_token"  # noqa: S105 - the name of a kind of answer
    TOPIC_DISALLOWED = "topic_disallowed"
    CERTIFICATE_REFUSED = "certificate_refused"
    THROTTLED = "throttled"
    SERVER_FAULT = "server_fault"
    BAD_REQUEST = "bad_request"


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the service's words: its status, what it means for us, and a sentence for the operator."""

    status: int
    result: PushResult
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOutcome:
    """One answer. `unregistered_since` (410 only): a push token registered later than this is alive again."""

    result: PushResult
    status: int
    reason: str = ""
    apns_id: str = ""
    unregistered_since: datetime | None = None
    retry_after: int | None = None

    @property
    def token_is_dead(self) -> bool:
        """Whether this phone cannot be woken until it sends a new token; its enrollment stands."""
        return self.result in (PushResult.UNREGISTERED, PushResult.BAD_TOKEN)

    @property
    def may_retry(self) -> bool:
        """Whether the same push may work later."""
        return self.result in (PushResult.THROTTLED, PushResult.SERVER_FAULT)

    @property
    def operator_must_act(self) -> bool:
        """Whether no push of this practice will work until someone mends the certificate."""
        return self.result in (PushResult.TOPIC_DISALLOWED, PushResult.CERTIFICATE_REFUSED)


_GONE = "The phone has given up this push token; it will send a new one when it enrolls or checks in."
_WRONG_TOKEN = "The push token is not one of this push certificate's phones."  # noqa: S105
_WRONG_TOPIC = "The push certificate does not belong to the topic the phone was enrolled with."
_CERTIFICATE = "The push service refuses the push certificate; it may be expired or revoked."
_SLOWER = "Too many pushes were sent; they are sent again later."
_THEIRS = "The push service has a fault of its own; the push is sent again later."
_OURS = "The request was malformed; this is a fault of ours."
_R = PushResult

REASONS: Final[Mapping[str, Reason]] = {
    "BadCollapseId": Reason(400, _R.BAD_REQUEST, _OURS),
    "BadDeviceToken": Reason(400, _R.BAD_TOKEN, _WRONG_TOKEN),
    "BadExpirationDate": Reason(400, _R.BAD_REQUEST, _OURS),
    "BadMessageId": Reason(400, _R.BAD_REQUEST, _OURS),
    "BadPayload": Reason(400, _R.BAD_REQUEST, _OURS),
    "BadPriority": Reason(400, _R.BAD_REQUEST, _OURS),
    "BadTopic": Reason(400, _R.TOPIC_DISALLOWED, _WRONG_TOPIC),
    "DeviceTokenNotForTopic": Reason(400, _R.TOPIC_DISALLOWED, _WRONG_TOPIC),
    "DuplicateHeaders": Reason(400, _R.BAD_REQUEST, _OURS),
    "IdleTimeout": Reason(400, _R.SERVER_FAULT, _THEIRS),
    "InvalidPushType": Reason(400, _R.BAD_REQUEST, _OURS),
    "MissingDeviceToken": Reason(400, _R.BAD_REQUEST, _OURS),
    "MissingTopic": Reason(400, _R.BAD_REQUEST, _OURS),
    "PayloadEmpty": Reason(400, _R.BAD_REQUEST, _OURS),
    "TopicDisallowed": Reason(400, _R.TOPIC_DISALLOWED, _WRONG_TOPIC),
    "BadCertificate": Reason(403, _R.CERTIFICATE_REFUSED, _CERTIFICATE),
    "BadCertificateEnvironment": Reason(403, _R.CERTIFICATE_REFUSED, _CERTIFICATE),
    "ExpiredProviderToken": Reason(403, _R.CERTIFICATE_REFUSED, _CERTIFICATE),
    "Forbidden": Reason(403, _R.CERTIFICATE_REFUSED, _CERTIFICATE),
    "InvalidProviderToken": Reason(403, _R.CERTIFICATE_REFUSED, _CERTIFICATE),
    "MissingProviderToken": Reason(403, _R.CERTIFICATE_REFUSED, _CERTIFICATE),
    "UnrelatedKeyIdInToken": Reason(403, _R.CERTIFICATE_REFUSED, _CERTIFICATE),
    "BadPath": Reason(404, _R.BAD_REQUEST, _OURS),
    "MethodNotAllowed": Reason(405, _R.BAD_REQUEST, _OURS),
    "ExpiredToken": Reason(410, _R.UNREGISTERED, _GONE),
    "Unregistered": Reason(410, _R.UNREGISTERED, _GONE),
    "PayloadTooLarge": Reason(413, _R.BAD_REQUEST, _OURS),
    "TooManyProviderTokenUpdates": Reason(429, _R.THROTTLED, _SLOWER),
    "TooManyRequests": Reason(429, _R.THROTTLED, _SLOWER),
    "InternalServerError": Reason(500, _R.SERVER_FAULT, _THEIRS),
    "ServiceUnavailable": Reason(503, _R.SERVER_FAULT, _THEIRS),
    "Shutdown": Reason(503, _R.SERVER_FAULT, _THEIRS),
}

_BY_STATUS: Final[Mapping[int, PushResult]] = {
    200: _R.ACCEPTED,
    403: _R.CERTIFICATE_REFUSED,
    410: _R.UNREGISTERED,
    429: _R.THROTTLED,
}


def read_response(status: int, headers: Mapping[str, str], body: bytes) -> PushOutcome:
    """Reads any answer, also one that is no JSON or has an unknown word; never raises.

    The word decides only where its status agrees, so that a strange body cannot make a refusal look accepted.
    """
    given = {name.lower(): value for name, value in headers.items()}
    content = _content(body)
    reason = content.get("reason")
    word = reason if isinstance(reason, str) and len(reason) <= 100 else ""
    result = _result(status, word)
    return PushOutcome(
        result=result,
        status=status,
        reason=word,
        apns_id=given.get("apns-id", "")[:64],
        unregistered_since=_since(content.get("timestamp")) if result is _R.UNREGISTERED else None,
        retry_after=_seconds(given.get("retry-after", "")),
    )


def _result(status: int, word: str) -> PushResult:
    known = REASONS.get(word)
    if known is not None and known.status == status:
        return known.result
    if status >= 500:
        return _R.SERVER_FAULT
    return _BY_STATUS.get(status, _R.BAD_REQUEST)


def _content(body: bytes) -> Mapping[str, Any]:
    if len(body) > MAX_RESPONSE_BYTES:
        return {}
    try:
        content = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _since(value: Any) -> datetime | None:
    """Milliseconds since 1970."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value / 1000, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _seconds(text: str) -> int | None:
    """The header Retry-After in seconds, bounded; dates are not used by the service."""
    return min(int(text), MAX_RETRY_AFTER) if text.isascii() and text.isdigit() and len(text) <= 9 else None
