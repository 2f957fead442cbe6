"""Passkeys: register and sign in, over the sign-in library's WebAuthn core."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import Login
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal import flows
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from pocketward.access.sign_in import audit
from pocketward.access.sign_in.errors import SignInRefused, TooManyTries
from pocketward.access.sign_in.records import PasskeyRecord
from pocketward.access.sign_in.session import require_recent
from pocketward.practice import api as practice_api

LONGEST_NAME = 60
LARGEST_CREDENTIAL = 32 * 1024
# What the library's readers of binary parts raise, beside its own errors, when a stranger wrote the bytes.
UNREADABLE: Final = (
    ValidationError, ValueError, LookupError, TypeError, AttributeError, AssertionError, NotImplementedError,
    OverflowError, RecursionError, struct.error, UnsupportedAlgorithm, InvalidSignature,
)  # fmt: skip


class _Properties(msgspec.Struct, omit_defaults=True):
    rk: bool | None = None


class _Extensions(msgspec.Struct, rename="camel", omit_defaults=True):
    cred_props: _Properties | None = None


class _Response(msgspec.Struct, rename="camel", omit_defaults=True):
    client_data: str = msgspec.field(name="clientDataJSON")
    attestation_object: str | None = None
    authenticator_data: str | None = None
    signature: str | None = None
    user_handle: str | None = None


class _Credential(msgspec.Struct, rename="camel", omit_defaults=True):
    """What we take of a browser's PublicKeyCredential (WebAuthn level 3, toJSON); the rest is left out."""

    id: str
    raw_id: str
    type: Literal["public-key"]
    response: _Response
    client_extension_results: _Extensions = msgspec.field(default_factory=_Extensions)


def read_credential(text: str) -> dict[str, Any]:
    """The credential that the browser's script posted, of the right shape; SignInRefused when it is none, or
    not one for our origin.
    """
    if len(text) > LARGEST_CREDENTIAL:
        raise SignInRefused()
    try:
        credential = msgspec.json.decode(text, type=_Credential)
        client = credential.response.client_data
        origin = json.loads(base64.urlsafe_b64decode(client + "=" * (-len(client) % 4)))["origin"]
    except (msgspec.MsgspecError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise SignInRefused() from error
    # The library accepts any host below ours; only our own pages may ask for our passkeys.
    if origin != settings.POCKETWARD.people_url:
        raise SignInRefused()
    shaped: dict[str, Any] = msgspec.to_builtins(credential)
    return shaped


def begin_passkey_registration(request: HttpRequest) -> dict[str, Any]:
    """Creation options (JSON-able) for a passkey of the signed-in account."""
    require_recent(request)
    return _public_key(webauthn.begin_registration(request.user, True))


def finish_passkey_registration(request: HttpRequest, *, credential_text: str, name: str) -> PasskeyRecord:
    """Keep the new passkey, with whether it can be copied to other devices; the session counts as proven."""
    person, name = require_recent(request), " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise SignInRefused(gettext_noop("The name is too long: at most 60 letters."))
    credential = read_credential(credential_text)
    try:
        webauthn.parse_registration_response(credential)
        data = webauthn.complete_registration(credential)
        _require_usable(data)
    except UNREADABLE as error:
        raise SignInRefused() from error
    if not data.is_user_verified():
        raise SignInRefused(
            gettext_noop("This passkey did not check that it was you. Turn on its screen lock or PIN.")
        )
    row = webauthn.WebAuthn.add(request.user, name or "Passkey", credential).instance
    row.data["backup_eligible"] = data.is_backup_eligible()
    row.save(update_fields=["data"])
    practice_api.note_passkey(account_id=person.account_id)
    record_authentication(request, request.user, "mfa", id=row.pk, type=row.type, passwordless=True)
    return _record(row)


def _require_usable(data: Any) -> None:
    """SignInRefused, or one of `UNREADABLE`, for a key with which no signature could ever be checked."""
    key = data.credential_data.public_key if data.credential_data is not None else None
    if key is None:
        raise SignInRefused()
    try:
        key.verify(b"nothing", b"no signature")
    except InvalidSignature:
        return
    raise SignInRefused()


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
    except UNREADABLE as error:
        raise SignInRefused() from error


def _sign_in(request: HttpRequest, account: Any, credential: dict[str, Any]) -> None:
    try:
        row = webauthn.complete_authentication(account, credential)
    except UNREADABLE as error:
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
