"""The stop link of a practice of one: a mail, on another channel than the browser that gave the order.

Whoever holds the link can only stop. The mail names no person, no phone and no app.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from pocketward.fleet.approvers import has_second_channel
from pocketward.practice import api as practice_api
from pocketward.spine.api import JobContext, enqueue


def mail_stop_link(*, practice_id: UUID, member_id: UUID, subject_id: UUID) -> None:
    """Send the link with this transaction's commit; `subject_id` is what it stops.

    Nothing is sent to somebody whom no mail reaches.
    """
    if not has_second_channel(member_id=member_id):
        return
    payload = {"member_id": str(member_id), "subject_id": str(subject_id)}
    enqueue("fleet.stop_mail", practice_id, payload, key=f"stop-mail:{subject_id}:{member_id}")


def run_stop_mail(context: JobContext) -> None:
    """Make a link and send it. Sending twice after a crash is better than not at all; both links stop."""
    person = practice_api.get_member(member_id=UUID(context.payload["member_id"]))
    # Made here and not with the order: the secret stands in no row, only its digest does.
    secret = practice_api.make_stop_link(
        practice_id=context.practice_id, member_id=person.id, subject_id=UUID(context.payload["subject_id"])
    )
    with translation.override(person.language):
        subject, body = _mail(f"{settings.POCKETWARD.people_url}/stop/{secret}")
    EmailMessage(subject, body, to=[person.email]).send()
    context.finish(lambda: None)


def _mail(url: str) -> tuple[str, str]:
    body = _(
        "An order was given, by you or about you, that cannot be taken back once it has left.\n"
        "It waits a while. If you want it, do nothing.\n\n"
        "If you do not want it, stop it here. No sign-in is needed:\n"
        "%(url)s\n\n"
        "This mail says no more on purpose. The link can only stop; it works until the order has left.\n"
    )
    return _("Pocketward: stop this if you do not want it"), body % {"url": url}
