"""What went over the wire between a phone and the server, kept readable and without its secrets."""

from __future__ import annotations

import plistlib
import re
from collections import deque
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs
from xml.parsers.expat import ExpatError

import httpx

from pocketward.kernel import clock
from pocketward.protocols.apple_mdm import MessageError, PlistError, ProfileError, parse_profile

KEPT_EXCHANGES = 600
SHOWN_LENGTH = 12_000
MASK = "[kept secret]"
# The wire view shows that they are there, not what they are.
SECRET_KEYS = frozenset(
    {
        "Token", "PushMagic", "UnlockToken", "BootstrapToken", "Challenge", "Passcode", "Password", "PIN",
        "Data", "SharedSecret", "EncryptionKey",
    }
)  # fmt: skip
_TICKET = re.compile(r"(/enroll/)[^/?]+")


@dataclass(frozen=True)
class Exchange:
    """One request of a phone and its answer; bodies are readable text without secrets, sizes in bytes."""

    number: int
    at: str
    phone: str
    method: str
    path: str
    what: str
    answer: str
    status: int
    sent_bytes: int
    answer_bytes: int
    sent: str = field(repr=False)
    answered: str = field(repr=False)


class WireLog:
    """The newest exchanges of every phone."""

    def __init__(self) -> None:
        self._kept: deque[Exchange] = deque(maxlen=KEPT_EXCHANGES)
        self._numbers = count(1)
        self._asked: dict[str, str] = {}

    def take(self, phone: str, response: httpx.Response) -> Exchange:
        """Keep one exchange; the response's body must have been read."""
        request = response.request
        sent, answered = request.content, response.content
        made = Exchange(
            number=next(self._numbers),
            at=clock.now().isoformat(timespec="milliseconds"),
            phone=phone,
            method=request.method,
            path=_TICKET.sub(rf"\1{MASK}", request.url.path),
            what=self._name_request(request, sent),
            answer=self._name_answer(answered),
            status=response.status_code,
            sent_bytes=len(sent),
            answer_bytes=len(answered),
            sent=readable(sent, request.headers.get("content-type", "")),
            answered=readable(answered, response.headers.get("content-type", "")),
        )
        self._kept.append(made)
        return made

    def list(self, phone: str = "", most: int = KEPT_EXCHANGES) -> list[dict[str, Any]]:
        """The newest `most` exchanges, newest last, without their bodies; of one phone when named."""
        chosen = [made for made in self._kept if phone in ("", made.phone)][-most:]
        return [
            {name: value for name, value in asdict(made).items() if name not in ("sent", "answered")}
            for made in chosen
        ]

    def find(self, number: int) -> Exchange | None:
        """One exchange with its bodies; None when it is gone."""
        return next((made for made in self._kept if made.number == number), None)

    def _name_request(self, request: httpx.Request, body: bytes) -> str:
        operation = parse_qs(request.url.query.decode("ascii", "replace")).get("operation")
        if operation:
            return f"SCEP {operation[0]}"
        if "/enroll/" in request.url.path:
            return "Enrollment profile"
        message = _parse(body)
        if "MessageType" in message:
            return str(message["MessageType"])
        status, command = message.get("Status"), self._asked.get(str(message.get("CommandUUID")), "")
        return f"{status} {command}".strip() if status else "Request"

    def _name_answer(self, body: bytes) -> str:
        """The command that the server handed out; empty when there was none."""
        message = _parse(body)
        command = message.get("Command")
        if not isinstance(command, dict) or "RequestType" not in command:
            return ""
        kind = str(command["RequestType"])
        self._asked[str(message.get("CommandUUID"))] = kind
        while len(self._asked) > KEPT_EXCHANGES:
            self._asked.pop(next(iter(self._asked)))
        return kind


def _parse(body: bytes) -> dict[str, Any]:
    """The property list, or nothing when the bytes are none."""
    if not body.lstrip().startswith(b"<"):
        return {}
    try:
        message = plistlib.loads(body)
    except (plistlib.InvalidFileException, ExpatError, ValueError, OverflowError):
        return {}
    return message if isinstance(message, dict) else {}


def readable(body: bytes, kind: str) -> str:
    """A message as a person may read it: property lists masked, anything else named and measured."""
    if not body:
        return ""
    message = _parse(body)
    if message:
        whole = plistlib.dumps(masked(message)).decode("utf-8", "replace")
        # The XML declaration and the document type are the same in every message.
        shown = whole[whole.index("<plist") :]
        return shown if len(shown) <= SHOWN_LENGTH else f"{shown[:SHOWN_LENGTH]}\n[cut here]"
    profile = _profile(body)
    return profile or f"[{len(body):,} bytes, {kind.partition(';')[0] or 'kind not named'}]"


def masked(value: Any, key: str = "") -> Any:
    """The same structure with every secret replaced; profiles by the names of what they contain."""
    if key in SECRET_KEYS:
        return MASK
    if isinstance(value, dict):
        return {name: masked(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [masked(item, key) for item in value]
    if isinstance(value, bytes):
        return _profile(value) or f"[{len(value):,} bytes kept secret]"
    return value


def _profile(body: bytes) -> str:
    """The names in a configuration profile, never its content; empty when it is none."""
    try:
        profile = parse_profile(body)
    except (ProfileError, PlistError, MessageError, ValueError):
        return ""
    kinds = ", ".join(item.payload_type for item in profile.payloads)
    return f"[profile “{profile.display_name}”, {len(body):,} bytes: {kinds}]"
