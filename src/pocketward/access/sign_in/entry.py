"""Coming in: through a one-time link (owner, invitation, demo) or with a password and a code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress, Login
from allauth.core import ratelimit
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, get_totp_secret, validate_totp_code
from allauth.mfa.utils import decrypt
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from pocketward.access.setup import prepare_practice
from pocketward.access.sign_in import audit, fresh, strength
from pocketward.access.sign_in.errors import (
    AccountElsewhere,
    InsecureTransport,
    PasskeyWanted,
    PasswordRefused,
    SignInRefused,
    TooManyTries,
)
from pocketward.access.sign_in.invitations import can_sign_in
from pocketward.access.sign_in.records import CodeSecret
from pocketward.access.sign_in.sender import is_private_enough
from pocketward.access.sign_in.session import note_proof, require_recent, signed_in
from pocketward.kernel.ids import uuid7
from pocketward.practice import api as practice_api
from pocketward.practice.errors import LinkSpent
from pocketward.spine.api import practice_scope, unit_of_work

FIRST_RUN = "system:first-run"


def refuse_plain_http(request: HttpRequest) -> None:
    """Raise InsecureTransport when a secret link is used over plain HTTP from another machine."""
    if not is_private_enough(request):
        raise InsecureTransport()


def _enter(request: HttpRequest, account_id: UUID, method: str) -> None:
    from allauth.account.internal.flows.login import perform_login

    account = get_user_model().objects.get(pk=account_id)
    if not account.is_active:
        raise SignInRefused()
    # A new session id at each sign-in: nothing that was there before may ride on it.
    request.session.flush()
    perform_login(request, Login(user=account))
    note_proof(request, method)


def _verify_email(account_id: UUID, email: str) -> None:
    EmailAddress.objects.update_or_create(
        user_id=account_id, email=email, defaults={"verified": True, "primary": True}
    )


def start_practice(
    request: HttpRequest,
    *,
    secret: str,
    practice_name: str,
    zone: str,
    full_name: str,
    email: str,
    adoption_level: int = 0,
    language: str = "en",
) -> practice_api.PracticeRecord:
    """Spend an owner link: a practice with its owner, signed in to register a passkey.

    The practice has its authority and its first access rules from here on: the gate can be used.
    Raises InsecureTransport, LinkSpent, AccountElsewhere; PracticeError for details that cannot be kept. Then
    the link is as good as before.
    """
    refuse_plain_http(request)
    target = practice_api.look_at_link(secret=secret, purpose=practice_api.OWNER_LINK)
    _refuse_takeover(request, email, target.member_id)
    practice_id = target.practice_id or uuid7()
    details: dict[str, Any] = {
        "name": practice_name, "zone": zone, "language": language, "adoption_level": adoption_level
    }  # fmt: skip
    with practice_scope(practice_id):
        practice, account_id = _begin(secret, practice_id, details, full_name, email)
    _enter(request, account_id, strength.LINK)
    return practice


@unit_of_work
def _begin(
    secret: str, practice_id: UUID, details: Mapping[str, Any], full_name: str, email: str
) -> tuple[practice_api.PracticeRecord, UUID]:
    """The practice and its owner's account, made by the link in one piece: what is refused, or dies half-way,
    leaves the link unspent and no practice that nobody owns.
    """
    target = practice_api.spend_link(secret=secret, purpose=practice_api.OWNER_LINK)
    if target.practice_id is None:
        practice = practice_api.create_practice(practice_id=practice_id, by=FIRST_RUN, **details)
    else:
        practice = practice_api.get_practice(practice_id=practice_id)
    language = details["language"]
    member_id = target.member_id or _first_owner(practice_id, full_name, email, language)
    prepare_practice(practice_id=practice_id, by=FIRST_RUN)
    return practice, _account(practice_id, member_id, email)


def _first_owner(practice_id: UUID, full_name: str, email: str, language: str) -> UUID:
    return practice_api.add_member(
        practice_id=practice_id, full_name=full_name, email=email, by=FIRST_RUN, on_call_rank=1,
        language=language,
        role_names=("owner", "privacy_officer", "security_officer", "it_lead"),
    ).id  # fmt: skip


def _refuse_takeover(
    request: HttpRequest, email: str, member_id: UUID | None, *, may_replace: bool = True
) -> None:
    """AccountElsewhere when a link would open an account that somebody else, or another practice, relies on.

    Officers choose the e-mail of the people they invite: without this, an invitation of one practice would
    be a way into the account of a person of another. A plain invitation (`may_replace` False) opens no
    account that somebody can sign in to: whoever made it may hold its secret.
    """
    account = practice_api.account_of_email(email=email)
    if account is None:
        return
    everywhere = tuple(practice.id for practice in practice_api.practices())
    found = practice_api.memberships(account_id=account.id, practice_ids=everywhere)
    is_theirs = all(other == member_id for _, other in found)
    if is_theirs and (may_replace or not can_sign_in(account_id=account.id)):
        return
    person = signed_in(request)
    if (
        person is None
        or person.account_id != account.id
        or not strength.is_phishing_resistant(person.strength)
    ):
        raise AccountElsewhere()


def look_at_invitation(*, secret: str) -> practice_api.LinkTarget:
    """What an invitation is for, a first one or one to a new sign-in; LinkSpent when it is no longer good."""
    try:
        return practice_api.look_at_link(secret=secret, purpose=practice_api.INVITATION)
    except LinkSpent:
        return practice_api.look_at_link(secret=secret, purpose=practice_api.NEW_SIGN_IN)


def join(request: HttpRequest, *, secret: str) -> practice_api.PracticeRecord:
    """Spend an invitation: the person's account, signed in to register a passkey."""
    refuse_plain_http(request)
    target = look_at_invitation(secret=secret)
    if target.practice_id is None or target.member_id is None:
        raise SignInRefused()
    practice = practice_api.get_practice(practice_id=target.practice_id)
    with practice_scope(practice.id):
        person = practice_api.get_member(member_id=target.member_id)
    email = person.email
    if person.is_technician and not person.roles:
        raise SignInRefused(gettext_noop("This access is over. The practice can give it again."))
    if not email:
        raise SignInRefused(gettext_noop("This person has no work e-mail yet. An officer can add it."))
    is_new_sign_in = target.purpose == practice_api.NEW_SIGN_IN
    _refuse_takeover(request, email, target.member_id, may_replace=is_new_sign_in)
    with practice_scope(practice.id):
        account_id = _joined(secret, target.purpose, practice.id, target.member_id, email)
    _enter(request, account_id, strength.LINK)
    return practice


@unit_of_work
def _joined(secret: str, purpose: str, practice_id: UUID, member_id: UUID, email: str) -> UUID:
    """Spend the invitation for the account, both or neither."""
    practice_api.spend_link(secret=secret, purpose=purpose)
    return _account(practice_id, member_id, email)


def _account(practice_id: UUID, member_id: UUID, email: str) -> UUID:
    with practice_scope(practice_id):
        account = practice_api.open_account(member_id=member_id, email=email, by=f"member:{member_id}")
    _verify_email(account.id, account.email)
    return account.id


def enter_demo(request: HttpRequest, *, secret: str) -> practice_api.PracticeRecord:
    """Spend the demo's link: signed in as the pretend practice's owner. Demo worlds, loopback only."""
    refuse_plain_http(request)
    if practice_api.world() != "demo":
        raise SignInRefused()
    target = practice_api.spend_link(secret=secret, purpose=practice_api.DEMO_SIGN_IN)
    if target.practice_id is None or target.member_id is None:
        raise SignInRefused()
    practice = practice_api.get_practice(practice_id=target.practice_id)
    with practice_scope(practice.id):
        person = practice_api.get_member(member_id=target.member_id)
        account = practice_api.open_account(member_id=person.id, email=person.email, by=f"member:{person.id}")
    _enter(request, account.id, strength.DEMO)
    return practice


def sign_in_with_password(request: HttpRequest, *, email: str, password: str, code: str) -> UUID:
    """Sign in with a password and a TOTP code, both in one step; SignInRefused never says which failed."""
    login = email.strip().lower()
    if not ratelimit.consume(request, action="login_failed", key=login):
        whose = practice_api.account_of_email(email=login)
        audit.note_too_many(request, account_id=whose.id if whose else None, method="password")
        raise TooManyTries()
    account = get_user_model().objects.filter(email=login, is_active=True).first()
    totp = (
        Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).first() if account else None
    )
    if account is not None and not password_is_allowed(account_id=account.pk):
        totp = None
    if account is None:
        make_password(password)  # the same work, so that time does not tell whether the account exists
        audit.note_failed(request, account_id=None, method="password")
        raise SignInRefused()
    right = account.check_password(password)
    if totp is None or not right or not _code_is_right(totp, code):
        audit.note_failed(request, account_id=account.pk, method="password")
        raise SignInRefused()
    ratelimit.clear(request, action="login_failed", key=login)
    if fresh.wants_passkey(account_id=account.pk):
        audit.note_failed(request, account_id=account.pk, method="password")
        raise PasskeyWanted()
    _enter(request, account.pk, strength.TOTP)
    audit.note_signed_in(request, account_id=account.pk, method="password and code")
    account_id: UUID = account.pk
    return account_id


def _code_is_right(totp: Authenticator, code: str) -> bool:
    wanted = code.strip()
    if totp.data.get("last_code") == wanted:
        return False
    if not validate_totp_code(decrypt(totp.data["secret"]), wanted):
        return False
    totp.data["last_code"] = wanted  # a code works once
    totp.save(update_fields=["data"])
    return True


def password_is_allowed(*, account_id: UUID) -> bool:
    """Whether every practice of this account lets people sign in with a password and a code."""
    everything = {practice.id: practice for practice in practice_api.practices()}
    found = practice_api.memberships(account_id=account_id, practice_ids=tuple(everything))
    return bool(found) and all(everything[practice_id].password_allowed for practice_id, _ in found)


def begin_password(request: HttpRequest) -> CodeSecret:
    """The secret for a code app, kept in this browser session until `set_password_with_totp`.

    Raises FreshSignInNeeded, PasswordRefused.
    """
    person = require_recent(request)
    if not password_is_allowed(account_id=person.account_id):
        raise PasswordRefused()
    secret = get_totp_secret(regenerate=request.method == "GET")
    return CodeSecret(secret, get_adapter().build_totp_url(request.user, secret))


def set_password_with_totp(request: HttpRequest, *, password: str, code: str) -> None:
    """Give the signed-in account a password, only together with TOTP; PasswordRefused says what is wrong."""
    person = require_recent(request)
    if not password_is_allowed(account_id=person.account_id):
        raise PasswordRefused()
    account = get_user_model().objects.get(pk=person.account_id)
    secret = get_totp_secret(regenerate=False)
    if not validate_totp_code(secret, code.strip()):
        raise PasswordRefused(gettext_noop("The code does not match. Check the phone's clock and try again."))
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise PasswordRefused(" ".join(error.messages)) from error
    account.set_password(password)
    account.save(update_fields=["password"])
    Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).delete()
    TOTP.activate(account, secret)
