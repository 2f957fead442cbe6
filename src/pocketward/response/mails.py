"""Mails to officers and staff: in the reader's language, naming no person and no app, linking nothing."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

import yaml
from django.conf import settings
from django.core.mail import EmailMessage

from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.response.events import AlertMailed
from pocketward.response.models import Alert
from pocketward.spine.api import JobContext, enqueue, record, unit_of_work

LANGUAGES = ("en", "es")
# What became of a mail: on its way, taken by our mail server, or not, or why none was sent.
QUEUED, SENT, FAILED = "queued", "sent", "failed"
NOT_CONFIGURED, NO_ADDRESS = "not_configured", "no_address"


@cache
def _texts() -> dict[str, Any]:
    file = resources.files("pocketward.response") / "notices" / "mails.yaml"
    texts: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return texts


def mail_names() -> tuple[str, ...]:
    """Every mail there is."""
    return tuple(sorted(_texts()))


def mail_text(name: str, language: str) -> tuple[str, str]:
    """Subject and body of a mail; English for a language we do not have."""
    text = _texts()[name][language if language in LANGUAGES else "en"]
    return str(text["subject"]), str(text["body"])


def is_configured() -> bool:
    """Whether this server can send mail at all."""
    return bool(settings.POCKETWARD.mail.host)


def send_soon(practice_id: UUID, name: str, member_id: UUID, key: str, case_ref: str = "") -> str:
    """Queue a mail to this person: `queued`, or why none leaves: `not_configured` or `no_address`.

    To be called inside a unit of work.
    """
    person = practice_api.get_member(member_id=member_id)
    if not is_configured():
        return NOT_CONFIGURED
    if not person.email:
        return NO_ADDRESS
    payload = {"mail": name, "member_id": str(member_id), "case_ref": case_ref}
    enqueue("response.mail", practice_id, payload, key=f"mail:{key}"[:120])
    return QUEUED


def run_mail(context: JobContext) -> None:
    """Send one mail. Sending twice after a crash is better than not at all.

    What became of a call's mail is written down; one that failed is tried again, and the next person called.
    """
    member_id, case_ref = UUID(str(context.payload["member_id"])), str(context.payload.get("case_ref", ""))
    person = practice_api.get_member(member_id=member_id)
    subject, body = mail_text(str(context.payload["mail"]), person.language)
    if not person.email:
        context.finish(lambda: _note(context.practice_id, case_ref, member_id, NO_ADDRESS))
        return
    try:
        EmailMessage(subject, body, to=[person.email]).send()
    except OSError:  # what smtplib raises is one too
        _note(context.practice_id, case_ref, member_id, FAILED)
        raise
    context.finish(lambda: _note(context.practice_id, case_ref, member_id, SENT))


@unit_of_work
def _note(practice_id: UUID, case_ref: str, member_id: UUID, outcome: str) -> None:
    """Write down, once, what became of the mail of a call."""
    if not case_ref:
        return
    rows = Alert.objects.filter(case_ref=case_ref, member_id=member_id).exclude(mail_state=outcome)
    called = list(rows)
    if not rows.update(mail_state=outcome, mailed_at=clock.now() if outcome == SENT else None):
        return
    record(
        AlertMailed(
            practice_id=practice_id, actor="system:response", subject=f"member:{member_id}",
            case_ref=case_ref, member_id=member_id, outcome=outcome,
        )
    )  # fmt: skip
    if outcome == SENT:
        return
    for alert in called:
        # Their turn is over at once: the next person need not wait for a mail that nobody reads.
        payload = {"case_ref": case_ref, "reason": alert.reason, "rank": alert.rank + 1, "hurried": True}
        enqueue("response.alert", practice_id, payload, key=f"alert-next:{alert.id}:{alert.rank + 1}")
