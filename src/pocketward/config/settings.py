"""Reads the settings: defaults, then the home folder's TOML, then POCKETWARD_* from the environment."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from pocketward.config.setting_values import SettingsRefused, typed
from pocketward.config.unsafe_settings import refuse_unsafe
from pocketward.kernel.durable import make_file
from pocketward.kernel.ids import secret_token
from pocketward.kernel.settings import Settings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Section = TypeVar("Section", bound=DataclassInstance)

# Read from a file instead: `proxy_secret_file = "/run/…"`.
SECRETS = ("proxy_secret", "secret_key", "password")
# Not settings: which home and which world are said on the command line; the last is a test's.
NOT_SETTINGS = ("POCKETWARD_HOME", "POCKETWARD_WORLD", "POCKETWARD_DATABASE_ROLE", "POCKETWARD_FAULT_FILE")


def load_settings(home: Path, world: str = "real", environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of one home folder; SettingsRefused names the key that is unknown or unsafe."""
    environ = os.environ if environ is None else environ
    given: dict[str, Any] = {}
    file = home / "pocketward.toml"
    if file.exists():
        try:
            given = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SettingsRefused(f"{file} is not TOML: {error}.") from error
    _from_environment(given, environ)
    settings = _apply(Settings(home=home, world=world), given, "")
    if not settings.secret_key:
        settings = replace(settings, secret_key=_kept_secret(home, "session.key"))
    if not settings.proxy_secret:
        settings = replace(settings, proxy_secret=_kept_secret(home, "proxy.secret"))
    refuse_unsafe(settings)
    return settings


def _from_environment(given: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name, value in environ.items():
        if name.startswith("POCKETWARD_") and name not in NOT_SETTINGS:
            *sections, key = name.removeprefix("POCKETWARD_").lower().split("__")
            place = given
            for section in sections:
                place = place.setdefault(section, {})
                if not isinstance(place, dict):
                    raise SettingsRefused(f"{name}: {section} is not a group of settings.")
            place[key] = value


def _apply(record: Section, given: Any, prefix: str) -> Section:
    if not isinstance(given, Mapping):
        raise SettingsRefused(f"{prefix.rstrip('.')} is a group of settings: write [{prefix.rstrip('.')}].")
    known = {item.name for item in fields(record)} - {"home", "world"}
    hints = get_type_hints(type(record))
    changes: dict[str, Any] = {}
    for key, value in given.items():
        name = key.removesuffix("_file") if key.removesuffix("_file") in SECRETS else key
        if name not in known:
            raise SettingsRefused(f"There is no setting called {prefix}{key}.")
        if name != key:
            value = _read_secret(prefix + key, str(value))
        current = getattr(record, name)
        if is_dataclass(current) and not isinstance(current, type):
            changes[name] = _apply(current, value, f"{prefix}{name}.")
        else:
            changes[name] = typed(prefix + key, value, hints[name])
    return replace(record, **changes)


def _read_secret(key: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise SettingsRefused(f"The setting {key} names {path}, which cannot be read.") from error


def _kept_secret(home: Path, name: str) -> str:
    """A secret of this install, made once: keys/<name>, mode 0600."""
    path = home / "keys" / name
    if not path.exists():
        make_file(path, secret_token(32).encode())
    return path.read_text(encoding="ascii").strip()


def database_password(settings: Settings, role: str) -> str:
    """The password of one of our database roles; empty when the server needs none from us.

    `role` is owner, app, worker, gate or backup. SettingsRefused names a file that cannot be read.
    """
    folder = settings.database.password_folder
    return _read_secret("database.password_folder", str(folder / role)) if folder is not None else ""
