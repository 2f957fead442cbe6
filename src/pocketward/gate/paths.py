"""Which part of the records an address belongs to. An address that could mean two things means none."""

from __future__ import annotations

import re
from urllib.parse import unquote

from pocketward.gate.records import AppFacts

UNCLEAR = "address_unclear"
_PLAIN = re.compile(r"/(?:[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*(?:/|$))*", re.ASCII)
_is_plain = _PLAIN.fullmatch
_LONGEST = 8192


class PathMap:
    """An app's prefixes, ready to look addresses up.

    Prefixes are compared without case and only at segment ends, so that neither /NOTES nor /notes-old is
    mistaken by a server behind us that is laxer, or stricter, than we are.
    """

    __slots__ = ("_prefixes",)

    def __init__(self, app: AppFacts) -> None:
        known = {entry.prefix.lower().rstrip("/"): entry.resource for entry in app.paths}
        longest_first = sorted(known, key=len, reverse=True)
        self._prefixes = tuple((prefix, prefix + "/", known[prefix]) for prefix in longest_first)

    def resource_of(self, uri: str) -> str:
        """The resource of a request target (path and query), "" for none, UNCLEAR for an ambiguous path."""
        path = uri.partition("?")[0]
        if not _is_plain(path):
            path = _decoded(path.partition("#")[0])
            if not path:
                return UNCLEAR
        path = path.lower()
        for prefix, inside, resource in self._prefixes:
            if path.startswith(inside) or path == prefix:
                return resource
        return ""


def _decoded(path: str) -> str:
    """The path with escapes resolved once; empty when it hides dots, slashes, controls or more escapes."""
    if not path.startswith("/") or len(path) > _LONGEST or "\\" in path or ";" in path:
        return ""
    lowered = path.lower()
    if "%2f" in lowered or "%5c" in lowered or "%25" in lowered or "%3b" in lowered:
        return ""
    try:
        decoded = unquote(path, errors="strict")
    except UnicodeDecodeError:
        return ""
    segments = decoded.split("/")
    if any(segment in (".", "..") for segment in segments) or "" in segments[1:-1]:
        return ""
    if any(ord(letter) < 0x20 or letter == "\x7f" for letter in decoded):
        return ""
    return decoded
