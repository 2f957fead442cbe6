"""The apps that staff need are there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pocketward.policy.records import RequiredApp, RuleSpec, Wearer, keys_of
from pocketward.policy.versions import is_version

_BUNDLE = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def _read(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, list) or len(value) > 50:
        raise ValueError("must be a list of at most 50 apps")
    return {"apps": tuple(_app(item) for item in value)}


def _app(item: Any) -> RequiredApp:
    # Without quotes 2.10 would be the number 2.1.
    least = item.get("minimum_version", "") if isinstance(item, dict) else ""
    if not isinstance(least, str) or (least and not is_version(least)):
        raise ValueError('needs a minimum_version in quotes, like "2.10"')
    keys = keys_of(item, {"id": str, "name": str, "app_store": int, "minimum_version": str})
    name = keys.get("name", "")
    if not _BUNDLE.fullmatch(keys.get("id", "")) or not name.isprintable() or not 0 < len(name) <= 80:
        raise ValueError("needs an id like org.example.ehr and a name for each app")
    return RequiredApp(keys["id"], name, keys.get("app_store", 0), least)


def _require(settings: Mapping[str, Any], wearer: Wearer) -> Mapping[str, Any]:
    return {"required_apps": settings["apps"]}


def _sentence(settings: Mapping[str, Any]) -> str:
    names = ", ".join(
        f"{app.name} ({app.minimum_version} or newer)" if app.minimum_version else app.name
        for app in settings["apps"]
    )
    return f"These apps are on every phone: {names}." if names else "No app is required."


ENTRY = RuleSpec("required_apps", [], _read, _require, _sentence)
