"""Names of keys in a command's answer that Apple's schema does not describe. Names only, never values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from pocketward.protocols.apple_mdm.fact_records import KeyFact, load_things

# A message names so many at most; a list is looked at so far.
MOST_NAMES: Final = 20
MOST_ITEMS: Final = 50
# What phones have always sent along, whatever the schema of the one command says.
_ENVELOPE: Final = frozenset({"RequestType"})


def unknown_reply_keys(request_type: str, payload: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys of an answer that nobody describes, with their path: `QueryResponses.New`.

    A command that the schema does not know has no unknown keys. Keys that are names themselves (of apps) are
    never among them.
    """
    things = load_things("commands").get(request_type)
    if not things:
        return ()
    described = tuple(fact for thing in things for fact in thing.reply)
    outside = {key: value for key, value in payload.items() if key not in _ENVELOPE}
    found = dict.fromkeys(_unknown(outside, described, ""))
    return tuple(islice(found, MOST_NAMES))


def _unknown(content: Mapping[str, Any], described: tuple[KeyFact, ...], path: str) -> Iterator[str]:
    by_name = {fact.name: fact for fact in described}
    wildcard = next((fact for fact in described if fact.is_wildcard), None)
    for key, value in content.items():
        fact = by_name.get(key, wildcard)
        if fact is None:
            yield f"{path}{key}"
        elif fact.keys:
            # Below a wildcard the path says only that, since its key may be somebody's app.
            yield from _below(value, fact, f"{path}{key if fact is not wildcard else '*'}.")


def _below(value: Any, fact: KeyFact, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _unknown(value, fact.keys, path)
    elif isinstance(value, list):
        inner = fact.keys[0].keys
        for item in value[:MOST_ITEMS]:
            if inner and isinstance(item, dict):
                yield from _unknown(item, inner, path)
