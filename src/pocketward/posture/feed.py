"""The feed of iOS releases: dated facts, read strictly, with their own age."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import resources
from typing import Any

import msgspec

from pocketward.posture.errors import FeedRefused
from pocketward.posture.records import Feed, Release

MOST_BYTES = 4_000_000
STALE_AFTER = timedelta(days=60)
OLD_AFTER = timedelta(days=14)
_VERSION = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){0,2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    builds: tuple[str, ...]
    released: str
    models: tuple[int, ...]
    security: bool


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    published: str
    origin: str
    models: tuple[str, ...]
    releases: tuple[_Row, ...]


def version_key(text: str) -> tuple[int, ...]:
    """A version as numbers that compare; (0,) for text that is none."""
    return tuple(int(part) for part in text.split(".")) if _VERSION.fullmatch(text) else (0,)


@lru_cache(maxsize=4)
def read_feed(data: bytes) -> Feed:
    """The feed in these bytes; FeedRefused names nothing secret and changes nothing."""
    if len(data) > MOST_BYTES:
        raise FeedRefused("This feed is larger than 4 MB.")
    try:
        file = msgspec.json.decode(data, type=_File)
        releases = [_release(row, file.models) for row in file.releases]
        published = _day(file.published)
    except (msgspec.MsgspecError, ValueError, IndexError) as error:
        raise FeedRefused() from error
    if file.format != 1 or not releases:
        raise FeedRefused()
    releases.sort(key=lambda release: version_key(release.version), reverse=True)
    return Feed(published, tuple(releases))


def _release(row: _Row, models: tuple[str, ...]) -> Release:
    if not _VERSION.fullmatch(row.version) or any(number < 0 for number in row.models):
        raise ValueError(row.version)
    names = frozenset(models[number] for number in row.models)
    return Release(row.version, frozenset(row.builds), _day(row.released), names, row.security)


def _day(text: str) -> datetime:
    if not _DAY.fullmatch(text):
        raise ValueError(text)
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def shipped_feed() -> bytes:
    """The feed that this version ships with."""
    return (resources.files("pocketward.posture") / "feeds" / "ios_releases.json").read_bytes()


def redate(data: bytes, day: datetime) -> bytes:
    """The same facts published on another day: for demo worlds and tests, whose clock is their own."""
    file: dict[str, Any] = msgspec.json.decode(data)
    return msgspec.json.encode(file | {"published": day.strftime("%Y-%m-%d")})


def is_stale(feed: Feed, now: datetime) -> bool:
    """Whether the feed is too old to say anything."""
    return now - feed.published_at > STALE_AFTER


def newest_for(feed: Feed, model: str) -> Release | None:
    """The newest release that runs on this model."""
    return next((release for release in feed.releases if model in release.models), None)


def builds_of(feed: Feed, version: str) -> frozenset[str]:
    """Every build that this version ever had, none when the version is not in the feed."""
    builds = [release.builds for release in feed.releases if release.version == version]
    return frozenset().union(*builds)


def is_released(feed: Feed, version: str, build: str, now: datetime) -> bool | None:
    """Whether Apple released this build for this version; None when the feed cannot tell."""
    builds = frozenset() if is_stale(feed, now) else builds_of(feed, version)
    return build in builds if builds else None


def missing_release(feed: Feed, version: str, model: str, now: datetime, grace: timedelta) -> Release | None:
    """The oldest release with safety updates, newer than this version on this model, whose time is up."""
    own = version_key(version)
    due = [
        release
        for release in feed.releases
        if release.is_security
        and model in release.models
        and version_key(release.version) > own
        and version_key(release.version)[0] == own[0]
        and now - release.released_at > grace
    ]
    return due[-1] if due else None
