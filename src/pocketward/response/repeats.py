"""One form is one report: a page that is loaded again, a second tap and the way back open no second case.

The page keeps nothing in the browser, so its form carries a random token. What is kept of it is a digest of
the token with every word that was sent: the same form with other words is another report.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from pocketward.kernel import clock
from pocketward.kernel.crypto import sha256_hex
from pocketward.response.models import LossReport

# Later, the same form sent again may mean a phone that was found and is lost anew.
SAME_FORM = timedelta(hours=1)


def form_key(*, token: str, words: tuple[str, ...]) -> str:
    """What is kept of a sent form, 64 hex digits; empty for a form without a token, which is always new."""
    parts = (token, *words)
    return sha256_hex(b"".join(b"%d:%s" % (len(part), part.encode()) for part in parts)) if token else ""


def _of_form(practice_id: UUID, form: str) -> LossReport | None:
    if not form:
        return None
    rows = LossReport.objects.filter(
        practice_id=practice_id, form=form, reported_at__gt=clock.now() - SAME_FORM
    )
    found: LossReport | None = rows.order_by("reported_at").first()
    return found


def case_of_form(*, practice_id: UUID, form: str) -> str:
    """The case that this very form went to within the hour; empty when it was not sent yet."""
    row = _of_form(practice_id, form)
    return "" if row is None else str(row.case_ref)


def received_at(*, practice_id: UUID, form: str) -> datetime:
    """When this very form came in first; now for one without a token."""
    row = _of_form(practice_id, form)
    return clock.now() if row is None else row.reported_at
