"""Judging again later: when facts get too old, and when the policy changes."""

from __future__ import annotations

from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.posture.judging import expire_verdict, judge_again
from pocketward.spine.api import JobContext, JobSpec, enqueue

BATCH = 50


def expire(context: JobContext) -> None:
    """The time of a verdict is up, or was before newer reports."""
    device_id = UUID(context.payload["device_id"])
    context.finish(lambda: expire_verdict(context.practice_id, device_id))


def judge_all(context: JobContext) -> None:
    """The policy changed: queue every device, in batches, so that no transaction is long."""
    ids = [str(device.id) for device in fleet_api.devices(practice_id=context.practice_id)]
    batches = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]

    def effects() -> None:
        for batch in batches:
            enqueue("posture.judge_batch", context.practice_id, {"device_ids": batch})

    context.finish(effects)


def judge_batch(context: JobContext) -> None:
    """Judge up to 50 devices in one transaction."""
    ids = [UUID(text) for text in context.payload["device_ids"]]

    def effects() -> None:
        for device_id in ids:
            judge_again(context.practice_id, device_id)

    context.finish(effects)


JOBS = {
    "posture.expire": JobSpec(expire),
    "posture.judge_all": JobSpec(judge_all),
    "posture.judge_batch": JobSpec(judge_batch, lease_seconds=60),
}
