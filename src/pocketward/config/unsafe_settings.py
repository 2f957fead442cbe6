"""What may not be set so: values out of range, and pairs that are unsafe together."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from pocketward.config.setting_values import SettingsRefused
from pocketward.kernel.crypto import KEY_SIZE
from pocketward.kernel.settings import Settings

VENDOR_PUSH_HOSTS = ("api.push.apple.com", "api.sandbox.push.apple.com")
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
SHORTEST_SECRET = 16


def refuse_unsafe(settings: Settings) -> None:
    """SettingsRefused with the first fault and its fix."""
    for sentence in (*_out_of_range(settings), *_unsafe_pairs(settings)):
        raise SettingsRefused(sentence)


def _ports(settings: Settings) -> Iterator[tuple[str, int]]:
    for name in ("web_port", "device_port", "gate_port"):
        yield name, getattr(settings, name)
    yield "database.port", settings.database.port
    yield "mail.port", settings.mail.port
    yield "push.port", settings.push.port


def _out_of_range(settings: Settings) -> Iterator[str]:
    if settings.database.engine not in ("sqlite", "postgresql"):
        yield "database.engine must be sqlite or postgresql."
    for name, port in _ports(settings):
        if not 1 <= port <= 65535:
            yield f"{name} must be between 1 and 65535."
    if not 0.01 <= settings.gate_poll_seconds <= 10:
        yield "gate_poll_seconds must be between 0.01 and 10."
    if not settings.gate_poll_seconds * 2 <= settings.gate_stale_seconds <= 3600:
        yield "gate_stale_seconds must be at least twice gate_poll_seconds and at most 3600."
    if not 1024 <= settings.largest_device_body <= 64 * 1024 * 1024:
        yield "largest_device_body must be between 1024 and 67108864 bytes."
    if not 1 <= settings.longest_lease_seconds <= 3600:
        yield "longest_lease_seconds must be between 1 and 3600."
    if settings.log_level not in logging.getLevelNamesMapping():
        yield "log_level must be DEBUG, INFO, WARNING, ERROR or CRITICAL."
    yield from _weak_secrets(settings)


def _weak_secrets(settings: Settings) -> Iterator[str]:
    if settings.master_key is not None and len(settings.master_key) != KEY_SIZE:
        yield f"master_key must be {KEY_SIZE} bytes, written as {KEY_SIZE * 2} hex digits."
    for name in ("secret_key", "proxy_secret"):
        if len(getattr(settings, name)) < SHORTEST_SECRET:
            yield f"{name} must have at least {SHORTEST_SECRET} letters; leave it out and one is made."


def _unsafe_pairs(settings: Settings) -> Iterator[str]:
    if settings.world == "demo":
        for name in ("web_host", "device_host", "gate_host"):
            if getattr(settings, name) not in THIS_MACHINE:
                yield f"A demo answers on this machine only: {name} must be 127.0.0.1."
        return
    if settings.debug:
        yield "debug shows strangers how the server works: leave it out in a real practice."
    if settings.push.host not in VENDOR_PUSH_HOSTS:
        yield "push.host must be Apple's own push service in a real practice."
    if settings.push.trust_file is not None or settings.clock_offset_file is not None:
        yield "push.trust_file and clock_offset_file exist only in a demo."
    if settings.web_host not in THIS_MACHINE and not settings.people_url.startswith("https://"):
        yield (
            "web_host is reachable from outside, and people_url is not https. "
            "Put nginx or Caddy in front and leave web_host at 127.0.0.1."
        )
    yield from _kill_switch_within_reach(settings)


def _kill_switch_within_reach(settings: Settings) -> Iterator[str]:
    """The stop of all erases must not be liftable by the service it stops."""
    path = settings.kill_switch_file
    if path is None:
        return
    if not path.is_absolute():
        yield "kill_switch_file must be a whole path, such as /etc/pocketward/stop."
        return
    folder, home = path.parent.resolve(), settings.home.resolve()
    if folder.is_relative_to(home):
        yield (
            "kill_switch_file is inside the home folder, where this service could lift its own stop. "
            'Put it where only root writes: kill_switch_file = "/etc/pocketward/stop".'
        )
    elif (loose := _writable_above(folder)) is not None:
        yield (
            f"kill_switch_file could be taken away by this service, which can write {loose}. "
            f"Give that folder to root (chown root {loose}; chmod 755 {loose}), or put the file elsewhere."
        )


def _writable_above(folder: Path) -> Path | None:
    """The first folder, from this one up, in which this user could put another file or folder in its place.

    Root can write everywhere, so nothing is said to it. In a folder with the sticky bit only what is ours
    can be moved away.
    """
    if os.geteuid() == 0:
        return None
    inner: os.stat_result | None = None
    for place in (folder, *folder.parents):
        found = _seen(place)
        if found is None:
            continue
        is_kept = inner is not None and bool(found.st_mode & stat.S_ISVTX) and not _is_ours(inner)
        can_write = os.access(place, os.W_OK, effective_ids=True)
        if _is_ours(found) or (can_write and not is_kept):
            return place
        inner = found
    return None


def _seen(place: Path) -> os.stat_result | None:
    """What is there; None for nothing, or what this user may not look at (and so not write)."""
    try:
        return place.stat()
    except OSError:
        return None


def _is_ours(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid()
