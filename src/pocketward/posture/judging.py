"""Judging one device and keeping what came out; an event only when something changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from pocketward.fleet import api as fleet_api
from pocketward.kernel import clock
from pocketward.policy import api as policy_api
from pocketward.posture.events import IntegrityCheckFailed, PostureChanged
from pocketward.posture.feed import OLD_AFTER, read_feed, redate, shipped_feed
from pocketward.posture.models import DevicePosture, ReleaseFeedRow
from pocketward.posture.records import UNKNOWN, Feed
from pocketward.posture.verdict import Verdict, judge
from pocketward.spine.api import close_task, enqueue, open_task, record

FEED_TASK = "release-feed-old"
# Ends so near to each other are one: a phone that reports twice in a minute moves nothing.
CLOSE = timedelta(minutes=1)


def current_feed() -> Feed:
    """The newest feed we have: imported, named in the settings, or shipped.

    In a demo world the facts are dated by the demo's own clock.
    """
    ours = settings.POCKETWARD
    if ours.world == "demo":
        return _dated_today()
    row = ReleaseFeedRow.objects.filter(id=1).first()
    shipped = read_feed(_file_or_shipped())
    if row is None:
        return shipped
    imported = read_feed(bytes(row.body))
    return imported if imported.published_at >= shipped.published_at else shipped


def _file_or_shipped() -> bytes:
    path = settings.POCKETWARD.release_feed_file
    return path.read_bytes() if path is not None else shipped_feed()


def _dated_today() -> Feed:
    day = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return read_feed(redate(_file_or_shipped(), day))


def judge_device(
    *,
    practice_id: UUID,
    device_id: UUID,
    state: Mapping[str, Mapping[str, Any]],
    kind: str,
    ownership: str,
    shared: bool,
) -> Verdict:
    """Judge the device's whole state now, and settle the verdict."""
    feed, now = current_feed(), clock.now()
    wanted = policy_api.requirements(
        practice_id=practice_id, device_kind=kind, ownership=ownership, shared=shared
    )
    verdict = judge(
        state=state, requirements=wanted, feed=feed, now=now, kind=kind, ownership=ownership, shared=shared
    )
    _watch_feed(practice_id, feed, now)
    settle(practice_id, device_id, verdict, kind=kind, ownership=ownership, shared=shared)
    return verdict


def _watch_feed(practice_id: UUID, feed: Feed, now: datetime) -> None:
    if now - feed.published_at > OLD_AFTER:
        sentence = f"The list of iOS releases is of {feed.published_at:%Y-%m-%d}. Import a newer one."
        open_task(practice_id, FEED_TASK, sentence)
    elif settings.POCKETWARD.world != "demo":
        close_task(practice_id, FEED_TASK)


def settle(
    practice_id: UUID, device_id: UUID, verdict: Verdict, *, kind: str, ownership: str, shared: bool
) -> None:
    """Keep the verdict; record PostureChanged when the posture, a failed check or its freshness moved."""
    row = DevicePosture.objects.filter(device_id=device_id).first()
    same = row is not None and row.posture == verdict.posture and _failed(row.checks) == verdict.failed
    moved = row is None or abs(row.fresh_until - verdict.fresh_until) > CLOSE
    mappings = [item.as_mapping() for item in verdict.checks]
    if row is not None and same and not moved:
        # A check that came to be known and passes moves no door, and pages show it all the same.
        if _results(row.checks) != _results(mappings):
            DevicePosture.objects.filter(device_id=device_id).update(checks=mappings)
        return
    _keep(
        DevicePosture(
            practice_id=practice_id,
            device_id=device_id,
            posture=verdict.posture,
            checks=mappings,
            fresh_until=verdict.fresh_until,
            since=row.since if row is not None and row.posture == verdict.posture else clock.now(),
            device_kind=kind,
            ownership=ownership,
            shared=shared,
        )
    )
    record(
        PostureChanged(
            practice_id=practice_id,
            actor="system:posture",
            subject=f"device:{device_id}",
            device_id=device_id,
            device_kind=kind,
            ownership=ownership,
            shared=shared,
            posture=verdict.posture,
            checks=tuple(mappings),
            fresh_until=verdict.fresh_until,
            last_heard=verdict.last_heard,
        )
    )
    _note_detections(practice_id, device_id, row.checks if row is not None else [], mappings)
    if verdict.posture != UNKNOWN:
        _expire_later(practice_id, device_id, verdict.fresh_until)


def expire_verdict(practice_id: UUID, device_id: UUID) -> None:
    """Judge the device at the end of what was believed when this was planned, and plan the next end.

    A report since then has moved the end without a plan of its own, and here it changes no verdict.
    """
    judge_again(practice_id, device_id)
    row = DevicePosture.objects.filter(device_id=device_id).first()
    if row is not None and row.posture != UNKNOWN:
        # What is kept may end up to a minute before what was judged: reports so close move nothing.
        _expire_later(practice_id, device_id, max(row.fresh_until, clock.now() + CLOSE))


def judge_again(practice_id: UUID, device_id: UUID) -> None:
    """Judge the same facts at today's age and by today's policy."""
    row = DevicePosture.objects.filter(device_id=device_id).first()
    state = fleet_api.device_state(device_id=device_id)
    if row is not None and state:
        judge_device(
            practice_id=practice_id,
            device_id=device_id,
            state=state,
            kind=row.device_kind,
            ownership=row.ownership,
            shared=row.shared,
        )


def _note_detections(
    practice_id: UUID, device_id: UUID, before: list[dict[str, Any]], now: list[dict[str, Any]]
) -> None:
    """Record each sign of tampering that was not there at the last verdict."""
    known = {(item["id"], item["code"], item["value"]) for item in before if _is_detection(item)}
    for item in filter(_is_detection, now):
        if (item["id"], item["code"], item["value"]) not in known:
            record(
                IntegrityCheckFailed(
                    practice_id=practice_id, actor="system:posture", subject=f"device:{device_id}",
                    device_id=device_id, check=item["id"], code=item["code"], fact=item["fact"],
                    value=str(item["value"])[:200],
                )
            )  # fmt: skip


def _is_detection(check: Mapping[str, Any]) -> bool:
    return bool(check["integrity"]) and check["result"] == "fail"


def _keep(row: DevicePosture) -> None:
    DevicePosture.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["practice", "device"],
        update_fields=["posture", "checks", "fresh_until", "since", "device_kind", "ownership", "shared"],
    )


def _expire_later(practice_id: UUID, device_id: UUID, fresh_until: datetime) -> None:
    """The gate refuses a stale device by itself; this makes pages and events say so too.

    One plan a device: it stands where an earlier report put it, and goes on from there when its moment comes.
    """
    enqueue(
        "posture.expire",
        practice_id,
        {"device_id": str(device_id)},
        not_before=fresh_until + timedelta(seconds=1),
        key=f"expire:{device_id}",
        sooner=True,
    )


def _results(checks: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(item["id"], item["result"]) for item in checks]


def _failed(checks: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(
        f"{item['id']}:{item['result']}:{item['code']}"
        for item in checks
        if item["result"] in ("fail", UNKNOWN)
    )
