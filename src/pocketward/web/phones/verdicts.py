"""What posture and access say of phones, read through their doors into this page family's own records."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pocketward.access import api as access_api
from pocketward.posture import api as posture_api
from pocketward.posture.api import PostureRecord
from pocketward.web.components.clock import Clock
from pocketward.web.phones.check_words import check_title, good_value, source_words, weight_of
from pocketward.web.phones.standing import CheckView, Verdict

OUR_FAULT = "our_fault"


def verdicts(practice_id: UUID, clock: Clock) -> dict[UUID, Verdict]:
    """The verdict on each phone of the practice in scope, in the clock's language."""
    found = posture_api.postures(practice_id=practice_id)
    return {device_id: _verdict(record, clock.language) for device_id, record in found.items()}


def verdict_of(device_id: UUID, clock: Clock) -> Verdict | None:
    """The verdict on one phone; None before the first."""
    record = posture_api.device_posture(device_id=device_id)
    return _verdict(record, clock.language) if record is not None else None


def holds(practice_id: UUID) -> dict[UUID, str]:
    """What holds each held phone."""
    return access_api.held_devices(practice_id=practice_id)


def _verdict(record: PostureRecord, language: str) -> Verdict:
    checks = tuple(sorted((_check(item, language) for item in record.checks), key=weight))
    return Verdict(
        posture=record.posture,
        checks=checks,
        fresh_until=record.fresh_until,
        since=record.since,
        our_fault=any(check.code == OUR_FAULT for check in checks),
    )


def weight(check: CheckView) -> int:
    """Sorts the checks by what harms most."""
    return weight_of(check.id)


def _check(item: Mapping[str, Any], language: str) -> CheckView:
    name, code = str(item["id"]), str(item.get("code", ""))
    text = posture_api.fixit(check=name, code=code, language=language) if code else None
    observed, limit = item.get("observed_at"), item.get("limit")
    return CheckView(
        id=name,
        title=check_title(name),
        result=item["result"],
        reason=text.title if text else "",
        value=good_value(name, str(item.get("value", ""))) if item["result"] == "pass" else "",
        observed_at=datetime.fromtimestamp(int(observed), UTC) if observed is not None else None,
        limit=timedelta(seconds=int(limit)) if limit is not None else None,
        source=source_words(str(item.get("source", "")), text.how_we_know if text else ""),
        code=code,
    )
