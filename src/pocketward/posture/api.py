"""The door of the posture domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.kernel import clock
from pocketward.policy import api as policy_api
from pocketward.posture import feed as feeds
from pocketward.posture.feed import read_feed
from pocketward.posture.fixit import FixIt, fixit, fixits
from pocketward.posture.judging import current_feed
from pocketward.posture.models import DevicePosture, ReleaseFeedRow
from pocketward.posture.records import COMPLIANT
from pocketward.posture.verdict import catalogue, judge
from pocketward.spine.api import unit_of_work

__all__ = (
    "FixIt",
    "PostureRecord",
    "check_ids",
    "device_posture",
    "feed_published_at",
    "fixit",
    "fixits",
    "import_feed",
    "is_released",
    "postures",
    "would_close",
)


@dataclass(frozen=True)
class PostureRecord:
    """A device's posture; each check is a mapping as in PostureChanged."""

    device_id: UUID
    posture: str
    checks: tuple[Mapping[str, Any], ...]
    fresh_until: datetime
    since: datetime


def _record(row: DevicePosture) -> PostureRecord:
    return PostureRecord(row.device_id, row.posture, tuple(row.checks), row.fresh_until, row.since)


def device_posture(*, device_id: UUID) -> PostureRecord | None:
    """The device's posture, None before it was ever judged."""
    row = DevicePosture.objects.filter(device_id=device_id).first()
    return _record(row) if row is not None else None


def postures(*, practice_id: UUID, device_ids: Sequence[UUID] | None = None) -> dict[UUID, PostureRecord]:
    """The postures of a practice by device; of these only, if named."""
    rows = DevicePosture.objects.filter(practice_id=practice_id)
    if device_ids is not None:
        rows = rows.filter(device_id__in=device_ids)
    return {row.device_id: _record(row) for row in rows}


def would_close(*, draft: policy_api.Draft) -> tuple[UUID, ...]:
    """The devices that pass now and would not, as they last reported, under this policy.

    A phone that must first get the new profile, and then fails, is not among them.
    """
    feed, now, found = current_feed(), clock.now(), []
    for row in DevicePosture.objects.filter(practice_id=draft.practice_id, posture=COMPLIANT):
        worn = {"device_kind": row.device_kind, "ownership": row.ownership, "shared": row.shared}
        state = fleet_api.device_state(device_id=row.device_id)
        if not state or not draft.is_felt_by(**worn):
            continue
        verdict = judge(
            state=state, requirements=draft.requirements(**worn), feed=feed, now=now, kind=row.device_kind,
            ownership=row.ownership, shared=row.shared,
        )  # fmt: skip
        if verdict.posture != COMPLIANT:
            found.append(row.device_id)
    return tuple(found)


def check_ids() -> tuple[str, ...]:
    """Every check, by name."""
    return tuple(catalogue())


@unit_of_work
def import_feed(*, data: bytes) -> datetime:
    """Take a newer release feed into use; the day it was published. FeedRefused when it cannot be read."""
    feed = read_feed(data)
    ReleaseFeedRow.objects.update_or_create(id=1, defaults={"body": data, "published_at": feed.published_at})
    return feed.published_at


def is_released(*, version: str, build: str) -> bool | None:
    """Whether Apple released this build for this iOS version; None when the feed in use cannot tell."""
    return feeds.is_released(current_feed(), version, build, clock.now())


def feed_published_at() -> datetime:
    """The day of the feed in use."""
    return current_feed().published_at
