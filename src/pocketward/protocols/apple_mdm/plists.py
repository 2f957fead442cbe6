"""Property lists from and for phones: XML only, bounded, times in UTC.

Python's own reader refuses entity declarations; sizes, depth and the number of values are bounded here, since
what arrives is from strangers until its signature is checked. Binary lists are refused: the protocol does not
use them, and their shared references can unfold without end.
"""

from __future__ import annotations

import plistlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from xml.parsers.expat import ExpatError

from pocketward.protocols.apple_mdm.errors import PlistError

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_OPENINGS: Final = (b"<?xml", b"<plist", b"<!DOCTYPE plist")
# More than any phone says and few enough to be cheap; which of them mean anything, the readers of facts know.
MOST_BITS = 16_384
PLAIN = (str, bytes, bool, int, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlistLimits:
    """The most a property list may be: bytes on the wire, nesting, and values in all."""

    max_bytes: int = 5_000_000
    max_depth: int = 32
    max_items: int = 200_000


DEFAULT_LIMITS: Final = PlistLimits()


def read_plist(data: bytes, limits: PlistLimits = DEFAULT_LIMITS) -> dict[str, Any]:
    """The dictionary at the root; dates come back aware, in UTC. PlistError for everything else."""
    if len(data) > limits.max_bytes:
        raise PlistError("The property list is too large.")
    start = data.removeprefix(_BYTE_ORDER_MARK).lstrip()
    if not start.startswith(_OPENINGS):
        raise PlistError("This is not an XML property list.")
    if data.count(b"<") > 4 * limits.max_items:
        raise PlistError("The property list has too many values.")
    try:
        value = plistlib.loads(start, fmt=plistlib.FMT_XML)
    except (
        ExpatError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise PlistError("The property list is malformed, or declares entities.") from error
    if not isinstance(value, dict):
        raise PlistError("The property list is not a dictionary.")
    return _Checker(limits).dictionary(value, 1)


class _Checker:
    """Copies a value while counting, so that nothing deeper or larger than allowed goes on."""

    def __init__(self, limits: PlistLimits) -> None:
        self._limits = limits
        self._left = limits.max_items

    def dictionary(self, value: dict[Any, Any], depth: int) -> dict[str, Any]:
        self._enter(len(value), depth)
        return {str(key): self.value(item, depth) for key, item in value.items()}

    def value(self, value: Any, depth: int) -> Any:
        if isinstance(value, PLAIN):
            # One that is written in hexadecimal could have millions of digits.
            if isinstance(value, int) and value.bit_length() > MOST_BITS:
                raise PlistError("The property list holds a number with far too many digits.")
            return value
        if isinstance(value, dict):
            return self.dictionary(value, depth + 1)
        if isinstance(value, list):
            self._enter(len(value), depth + 1)
            return [self.value(item, depth + 1) for item in value]
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC)
        raise PlistError("The property list holds an empty value, or one of an unknown kind.")

    def _enter(self, count: int, depth: int) -> None:
        self._left -= count
        if depth > self._limits.max_depth or self._left < 0:
            raise PlistError("The property list nests too deeply or has too many values.")


def write_plist(value: Mapping[str, Any]) -> bytes:
    """XML bytes of a dictionary, keys in the given order; aware dates become UTC, None is refused."""
    try:
        return plistlib.dumps(_plain(value), fmt=plistlib.FMT_XML, sort_keys=False)
    except (TypeError, OverflowError, ValueError) as error:
        raise PlistError("This value cannot be written as a property list.") from error


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise PlistError("A date in a property list needs a time zone.")
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
