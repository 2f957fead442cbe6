"""One setting's value: from TOML or the environment to the type it must have, or refused."""

from __future__ import annotations

import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pocketward.kernel.errors import PocketwardError

_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)


class SettingsRefused(PocketwardError):
    """The settings cannot be used; the sentence says which key and what to do."""

    code = "config.settings_refused"
    advice = "Mend the named key in pocketward.toml or the environment, then start again."


def typed(key: str, value: Any, wanted: Any) -> Any:
    """The value as `wanted` (a type of the settings record); SettingsRefused names the key.

    The value itself is never repeated: it may be a secret, and this text may end in a log.
    """
    kind = _plain_kind(wanted)
    try:
        return _READERS[kind](value)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise SettingsRefused(f"The setting {key} must be {_WORDS[kind]}.") from error


def _plain_kind(wanted: Any) -> Any:
    if typing.get_origin(wanted) is types.UnionType:
        return next(part for part in typing.get_args(wanted) if part is not type(None))
    return typing.get_origin(wanted) or wanted


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError("not a text")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not _WHOLE.fullmatch(_text(value)):
        raise ValueError("not a whole number")
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError("not a number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


def _truth(value: Any) -> bool:
    return value if isinstance(value, bool) else {"true": True, "false": False}[_text(value).lower()]


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if not isinstance(value, list):
        raise TypeError("not a list")
    return tuple(_text(item) for item in value)


_READERS: Mapping[Any, Callable[[Any], Any]] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _truth,
    tuple: _texts,
    bytes: lambda value: bytes.fromhex(_text(value)),
    Path: lambda value: Path(_text(value)),
}
_WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    tuple: "a list of texts",
    bytes: "written in hex digits",
    Path: "the path of a file",
}
