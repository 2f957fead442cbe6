"""Reads typed values out of a message's dictionary, remembering which keys were read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pocketward.protocols.apple_mdm.errors import MessageError

MAX_TEXT = 4096
Value = TypeVar("Value")


class Fields:
    """One dictionary of a message; wrong types raise MessageError that names the key."""

    def __init__(self, content: Mapping[str, Any], where: str) -> None:
        self._content = content
        self._where = where
        self._read: set[str] = set()

    def unread(self) -> tuple[str, ...]:
        """Keys nobody asked for, sorted."""
        return tuple(sorted(set(self._content) - self._read))

    def ignore(self, key: str) -> None:
        """Marks a key as known without reading it."""
        self._read.add(key)

    def rest(self) -> dict[str, Any]:
        """The part of the dictionary nobody asked for."""
        return {key: value for key, value in self._content.items() if key not in self._read}

    def optional_text(self, key: str) -> str | None:
        """A text, None when absent or empty; bounded, since these become columns."""
        value = self._get(key, str)
        if value is not None and len(value) > MAX_TEXT:
            raise MessageError(f"{self._where}: {key} is too long.")
        return value or None

    def text(self, key: str) -> str:
        """A text that must be there."""
        return self._present(key, self.optional_text(key))

    def optional_data(self, key: str) -> bytes | None:
        """Bytes, None when absent or empty: an empty token is no token."""
        return self._get(key, bytes) or None

    def data(self, key: str) -> bytes:
        """Bytes that must be there."""
        return self._present(key, self.optional_data(key))

    def flag(self, key: str) -> bool:
        """A boolean, False when absent."""
        return bool(self._get(key, bool))

    def integer(self, key: str) -> int:
        """A whole number, 0 when absent."""
        value = self._get(key, int)
        if isinstance(value, bool):
            raise MessageError(f"{self._where}: {key} is of the wrong kind.")
        return value or 0

    def optional_dictionary(self, key: str) -> dict[str, Any] | None:
        """A dictionary, None when absent."""
        return self._get(key, dict)

    def dictionaries(self, key: str) -> list[dict[str, Any]]:
        """A list of dictionaries, empty when absent."""
        items = self._get(key, list) or []
        if not all(isinstance(item, dict) for item in items):
            raise MessageError(f"{self._where}: {key} holds something that is no dictionary.")
        return items

    def _get(self, key: str, kind: type[Value]) -> Value | None:
        self._read.add(key)
        value = self._content.get(key)
        if value is not None and not isinstance(value, kind):
            raise MessageError(f"{self._where}: {key} is of the wrong kind.")
        return value

    def _present(self, key: str, value: Value | None) -> Value:
        if value is None:
            raise MessageError(f"{self._where}: {key} is missing.")
        return value
