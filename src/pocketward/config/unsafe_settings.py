"""What may not be set so: values out of range, and pairs that are unsafe together."""

from __future__ import annotations

import logging
from collections.abc import Iterator

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
