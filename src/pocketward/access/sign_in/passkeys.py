"""Passkeys: register and sign in, over the sign-in library's WebAuthn core."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import Login
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal import flows
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from pocketward.access.sign_in import audit
from pocketward.access.sign_in.errors import SignInRefused, TooManyTries
from pocketward.access.sign_in.records import PasskeyRecord
from pocketward.access.sign_in.session import require_recent
from pocketward.practice import api as practice_api

LARGEST_CREDENTIAL = 32 * 1024


def read_credential(text: str) -> dict[str, Any]:
    """The credential that the browser's script posted; SignInRefused when it is not one for our origin."""
    if len(text) > LARGEST_CREDENTIAL:
        raise SignInRefused()
    try:
        credential = json.loads(text)
        client = credential["response"]["clientDataJSON"]
        origin = json.loads(base64.urlsafe_b64decode(client + "=" * (-len(client) % 4)))["origin"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SignInRefused() from error
    # The library accepts any host below ours; only our own pages may ask for our passkeys.
    if not isinstance(credential, dict) or origin != settings.POCKETWARD.people_url:
        raise SignInRefused()
    return credential


def begin_passkey_registration(request: HttpRequest) -> dict[str, Any]:
    """Creation options (JSON-able) for a passkey of the signed-in account."""
    require_recent(request)
    return _public_key(webauthn.begin_registration(request.user, True))


def finish_passkey_registration(request: HttpRequest, *, credential_text: str, name: str) -> PasskeyRecord:
    """Keep the new passkey, with whether it can be copied to other devices; the session counts as proven."""
    person = require_recent(request)
    credential = read_credential(credential_text)
    try:
        webauthn.parse_registration_response(credential)
        data = webauthn.complete_registration(credential)
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise SignInRefused() from error
    if not data.is_user_verified():
        raise SignInRefused(
            gettext_noop("This passkey did not check that it was you. Turn on its screen lock or PIN.")
        )
    row = webauthn.WebAuthn.add(request.user, name.strip()[:60] or "Passkey", credential).instance
    row.data["backup_eligible"] = data.is_backup_eligible()
    row.save(update_fields=["data"])
    practice_api.note_passkey(account_id=person.account_id)
    record_authentication(request, request.user, "mfa", id=row.pk, type=row.type, passwordless=True)
    return _record(row)


def begin_passkey_sign_in(request: HttpRequest) -> dict[str, Any]:
    """Request options (JSON-able) for any passkey of this site."""
    return _public_key(webauthn.begin_authentication(None))


def finish_passkey_sign_in(request: HttpRequest, *, credential_text: str) -> UUID:
    """Sign the passkey's account in; its id. SignInRefused, recorded, otherwise.

    Only failures count against a sender (docs/decisions/0059): the right passkey is never too late, and
    nobody's failures stop it.
    """
    claimed: UUID | None = None
    try:
        credential = read_credential(credential_text)
        account = _claimed(credential)
        claimed = account.pk
        _sign_in(request, account, credential)
    except SignInRefused as error:
        # Whose passkey it says it is stands unproven; that somebody tried it is theirs to know.
        if not ratelimit.consume(request, action="passkey_failed"):
            audit.note_too_many(request, account_id=claimed, method="passkey")
            raise TooManyTries() from error
        audit.note_failed(request, account_id=claimed, method="passkey")
        raise
    audit.note_signed_in(request, account_id=claimed, method="passkey")
    return claimed


def _claimed(credential: dict[str, Any]) -> Any:
    """The account (a user row) that the credential says it is for; SignInRefused when there is none."""
    try:
        webauthn.parse_authentication_response(credential)
        return webauthn.extract_user_from_response(credential)
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SignInRefused() from error


def _sign_in(request: HttpRequest, account: Any, credential: dict[str, Any]) -> None:
    try:
        row = webauthn.complete_authentication(account, credential)
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SignInRefused() from error
    if not account.is_active:
        raise SignInRefused()
    practice_api.note_passkey(account_id=account.pk)
    flows.perform_passwordless_login(request, row, Login(user=account))


def passkeys(*, account_id: UUID) -> tuple[PasskeyRecord, ...]:
    """The account's passkeys, oldest first."""
    rows = Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.WEBAUTHN)
    return tuple(_record(row) for row in rows.order_by("created_at"))


def _record(row: Authenticator) -> PasskeyRecord:
    synced = bool(row.data.get("backup_eligible", True))
    return PasskeyRecord(row.pk, row.data.get("name", ""), synced, row.created_at, row.last_used_at)


def _public_key(options: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = json.loads(json.dumps(dict(options["publicKey"]), default=dict))
    return inner
