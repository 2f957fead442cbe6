"""What a phone remembers while the lab is off: one file a phone, so that it goes on with its own keys.

The file is msgpack of `Kept`, with keys as PKCS #8 (DER). It holds the phone's private keys: mode 0600.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from devicelab.apns import PushService
from devicelab.phone.phone import Phone
from devicelab.phone.state import PhoneState
from devicelab.whole_file import put_whole, set_aside

SUFFIX = ".phone"
NOT_WHOLE = (msgspec.MsgspecError, UnsupportedAlgorithm, ValueError, TypeError, RecursionError)


class Unreadable(Exception):
    """What was kept of a phone cannot be read; the file has been moved to `aside`."""

    def __init__(self, aside: Path) -> None:
        super().__init__(str(aside))
        self.aside = aside


@dataclass
class Kept:
    """One phone: what it is like, what it has told, and what the push service knows of its tokens."""

    state: PhoneState
    # The kinds of command that it has answered.
    told: list[str] = field(default_factory=list)
    put_off: bool = False
    # What went wrong with it last, in words.
    trouble: str = ""
    # The magic of a push that waits for it, empty for none.
    waiting: str = ""
    # Its tokens (hex) that are gone for ever, and since when.
    ended: dict[str, datetime] = field(default_factory=dict)


def _to_plain(value: Any) -> bytes:
    if not isinstance(value, rsa.RSAPrivateKey):
        raise TypeError(f"a phone has no {type(value).__name__}")
    return value.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _from_plain(kind: type, value: Any) -> Any:
    key = serialization.load_der_private_key(value, None)
    if not isinstance(key, kind):
        raise ValueError("the key is of another kind")
    return key


def encode(phone: Phone, push: PushService) -> bytes:
    """What is to be kept of this phone now; the same bytes while nothing about it changes."""
    state, management = phone.state, phone.state.management
    kept = Kept(
        state=state,
        told=sorted(set(phone.answered)),
        put_off=phone.put_off,
        trouble=phone.last_error,
        waiting=push.waiting.get(management.push_token, "") if management is not None else "",
        ended={token.hex(): push.dead[token] for token in state.push_tokens if token in push.dead},
    )
    return msgspec.msgpack.encode(kept, enc_hook=_to_plain, order="sorted")


def decode(content: bytes) -> Kept:
    """The phone of these bytes; one of NOT_WHOLE when they are no whole phone."""
    kept = msgspec.msgpack.decode(content, type=Kept, dec_hook=_from_plain)
    state, management = kept.state, kept.state.management
    was_leaving = management is not None and management.profile_identifier not in management.profiles
    if state.erasing is not None:
        # It had said so, or was about to: an erase that has begun is done when the phone is on again.
        if management is not None:
            kept.ended[management.push_token.hex()] = state.erasing
        state.erased_times += 1
        state.erase()
    elif was_leaving:
        state.management = None
    return kept


@dataclass
class Drawer:
    """The folder with every phone's file; writes only what has changed."""

    folder: Path
    _written: dict[str, bytes] = field(default_factory=dict)

    def file(self, name: str) -> Path:
        """The file of the phone with this name."""
        return self.folder / (quote(name, safe=" '") + SUFFIX)

    def names(self) -> list[str]:
        """The phones that have a file, in the order of their names."""
        return sorted(unquote(path.name.removesuffix(SUFFIX)) for path in self.folder.glob(f"[!.]*{SUFFIX}"))

    def put(self, phone: Phone, push: PushService) -> None:
        """Keep the phone as it is now."""
        content = encode(phone, push)
        if self._written.get(phone.name) != content:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            put_whole(self.file(phone.name), content)
            self._written[phone.name] = content

    def take(self, name: str) -> Kept | None:
        """The phone as it was; None for one that has no file. Unreadable: and its file is set aside."""
        path = self.file(name)
        if not path.exists():
            return None
        try:
            kept = decode(path.read_bytes())
        except NOT_WHOLE as error:
            raise Unreadable(set_aside(path)) from error
        if kept.state.spec.name != name:
            raise Unreadable(set_aside(path))
        return kept
