"""What posture says of one phone, in this page family's own records."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pocketward.overview import api as overview_api
from pocketward.posture import api as posture_api
from pocketward.posture.api import PostureRecord
from pocketward.web.phones.check_words import check_title, good_value, source_words
from pocketward.web.phones.standing import PLAIN, CheckView, Verdict

OUR_FAULT = "our_fault"


def verdict_from(record: PostureRecord, language: str) -> Verdict:
    """A verdict in words, its checks by what harms most."""
    checks = tuple(_check(item, language) for item in sorted(record.checks, key=_harm))
    return Verdict(
        posture=record.posture,
        checks=checks,
        fresh_until=record.fresh_until,
        since=record.since,
        our_fault=any(check.code == OUR_FAULT for check in checks),
    )


def _harm(item: Mapping[str, Any]) -> int:
    return overview_api.harm_of(str(item["id"]))


def _check(item: Mapping[str, Any], language: str) -> CheckView:
    name, code = str(item["id"]), str(item.get("code", ""))
    named = str(item.get("value", ""))
    text = posture_api.fixit(check=name, code=code, language=language, value=named) if code else None
    observed, limit = item.get("observed_at"), item.get("limit")
    return CheckView(
        id=name,
        title=check_title(name),
        result=item["result"],
        reason=text.title if text else str(PLAIN.get(code, "")),
        value=good_value(name, named) if item["result"] == "pass" else "",
        named=named,
        observed_at=datetime.fromtimestamp(int(observed), UTC) if observed is not None else None,
        limit=timedelta(seconds=int(limit)) if limit is not None else None,
        source=source_words(str(item.get("source", "")), text.how_we_know if text else ""),
        code=code,
    )
