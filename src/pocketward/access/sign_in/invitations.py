"""Inviting: where mail is set the secret goes to the person alone; a sign-in that works is never invited."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from pocketward.access.sign_in.errors import AlreadySignsIn, OwnerComesBackOnTheServer
from pocketward.practice import api as practice_api
from pocketward.spine.api import JobContext, enqueue, unit_of_work

WAYS_IN = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)


def can_sign_in(*, account_id: UUID | None) -> bool:
    """Whether this account has a passkey, or a password with its code."""
    return bool(Authenticator.objects.filter(user_id=account_id, type__in=WAYS_IN).exists())


@unit_of_work
def invite(*, member_id: UUID, by: str, new_sign_in: bool = False) -> str:
    """Invite a person: the secret to print, or "" when it goes by mail and the inviter never sees it.

    `new_sign_in` is for somebody who lost their passkey. Raises AlreadySignsIn, OwnerComesBackOnTheServer.
    """
    person = practice_api.get_member(member_id=member_id)
    anew = can_sign_in(account_id=person.account_id)
    if anew and not new_sign_in:
        raise AlreadySignsIn()
    if anew and member_id in practice_api.owners(practice_id=person.practice_id):
        raise OwnerComesBackOnTheServer()
    if not settings.POCKETWARD.mail.host:
        return _secret(member_id, by, anew)
    payload = {"member_id": str(member_id), "by": by, "new_sign_in": anew}
    enqueue("access.invitation_mail", person.practice_id, payload)
    return ""


def _secret(member_id: UUID, by: str, anew: bool) -> str:
    verb = practice_api.invite_to_new_sign_in if anew else practice_api.invite_member
    return verb(member_id=member_id, by=by)


def run_invitation_mail(context: JobContext) -> None:
    """Make the link and send it: its secret stands in no row. Twice after a crash is better than never."""
    person = practice_api.get_member(member_id=UUID(str(context.payload["member_id"])))
    secret = _secret(person.id, str(context.payload["by"]), bool(context.payload["new_sign_in"]))
    with translation.override(person.language):
        subject = _("Pocketward: your sign-in")
        body = _(
            "An officer of your practice invites you to sign in to Pocketward.\n"
            "Open this on the device you sign in with, and make a passkey:\n"
            "%(url)s\n\n"
            "It works once. If you expect no invitation, do not open it, and tell an officer.\n"
        ) % {"url": f"{settings.POCKETWARD.people_url}/join/{secret}"}
    EmailMessage(subject, body, to=[person.email]).send()
    context.finish(lambda: None)
