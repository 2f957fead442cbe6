"""The facts frozen with a report, as plain lines: what was known then, and what was not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pocketward.kernel.canonical import read_moment
from pocketward.response import api as response_api

UNKNOWN = "unknown"
MOST_NAMES = 12
# A model's name, from its number and what to say when the number is not known.
ModelWords = Callable[[str, str], str]
KINDS = {"iphone": "iPhone", "ipad": "iPad"}
SYSTEMS = {"iPhone": "iOS", "iPad": "iPadOS"}
# How posture is said to people.
POSTURES = {"compliant": "protected", "not-compliant": "needs a fix", "unknown": UNKNOWN}


def frozen_words(
    *,
    frozen: Mapping[UUID, Mapping[str, Any]],
    local: Callable[[datetime | None], str],
    model: ModelWords = lambda number, otherwise: number or otherwise,
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """For each device its label, and (name, value) of what was frozen; `local` writes a moment.

    `model` names a model, from its number (iPhone15,4) and what to say when that is not known.
    """
    return tuple(
        (str(facts.get("device", {}).get("label", "")), _lines(facts, local, model))
        for facts in frozen.values()
    )


def _lines(
    facts: Mapping[str, Any], local: Callable[[datetime | None], str], model: ModelWords
) -> tuple[tuple[str, str], ...]:
    device, state = facts.get("device", {}), facts.get("state", {})

    def said(name: str) -> Any:
        return dict(state.get(name, {})).get("value")

    def moment(text: object) -> str:
        return local(read_moment(str(text)) if text else None)

    opened, kind = facts.get("opened", ()), KINDS.get(str(device.get("kind")), "iPhone")
    allowed = [item for item in opened if item.get("outcome") == "allow"]
    return (
        ("Whose it is", "practice-owned" if device.get("ownership") == "practice" else "personal"),
        ("Model", model(str(said("product_name") or device.get("product_name") or ""), kind)),
        ("Serial number", str(device.get("serial") or UNKNOWN)),
        ("System", f"{SYSTEMS[kind]} {said('os_version')}" if said("os_version") else UNKNOWN),
        ("Last word from it", moment(device.get("last_heard_at"))),
        ("Last network", _network(opened)),
        ("Passcode set", _yes(said("passcode_present"))),
        ("Encrypted", response_api.encrypted_word(state)),
        ("Supervised", _yes(said("supervised"))),
        ("Checks", POSTURES.get(str(facts.get("posture")), UNKNOWN)),
        ("Work apps on it", _apps(said("managed_apps"), said("installed_apps"))),
        ("Signed in to", ", ".join(item["app"] for item in facts.get("signed_in", ())) or "nothing"),
        ("Records last opened", _opened(allowed, moment)),
    )


def _yes(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, UNKNOWN) if isinstance(value, bool) else UNKNOWN


def _network(opened: Any) -> str:
    named = [str(item["network"]) for item in opened if item.get("network")]
    return named[0] if named else UNKNOWN


def _apps(managed: Any, installed: Any) -> str:
    """The work apps by name; one whose name the phone never told, by its identifier."""
    if managed is None:
        return UNKNOWN
    names = {item["identifier"]: item.get("name") for item in installed or () if isinstance(item, Mapping)}
    apps = [str(item.get("identifier", "")) for item in managed if isinstance(item, Mapping)]
    return ", ".join(names.get(app) or app for app in apps[:MOST_NAMES]) or "none"


def _opened(allowed: list[Any], moment: Callable[[object], str]) -> str:
    if not allowed:
        return "nothing known"
    last = allowed[0]
    return f"{last['app'] or 'a system'} ({last['resource'] or 'a page'}), {moment(last['at'])}"
