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
from pocketward.response.models import Alert
from pocketward.spine.api import JobContext, enqueue

LANGUAGES = ("en", "es")


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


def send_soon(practice_id: UUID, name: str, member_id: UUID, key: str, case_ref: str = "") -> bool:
    """Queue a mail to this person; whether they have an address and this server can send any.

    To be called inside a unit of work.
    """
    person = practice_api.get_member(member_id=member_id)
    if not person.email or not settings.POCKETWARD.mail.host:
        return False
    payload = {"mail": name, "member_id": str(member_id), "case_ref": case_ref}
    enqueue("response.mail", practice_id, payload, key=f"mail:{key}"[:120])
    return True


def run_mail(context: JobContext) -> None:
    """Send one mail. Sending twice after a crash is better than not at all."""
    member_id = UUID(str(context.payload["member_id"]))
    person = practice_api.get_member(member_id=member_id)
    subject, body = mail_text(str(context.payload["mail"]), person.language)
    if person.email:
        EmailMessage(subject, body, to=[person.email]).send()
    case_ref = str(context.payload.get("case_ref", ""))
    rows = Alert.objects.filter(case_ref=case_ref, member_id=member_id) if case_ref else Alert.objects.none()
    context.finish(lambda: rows.update(mailed_at=clock.now()))
