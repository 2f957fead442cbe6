"""After a report of a lost phone: which proofs still open a session (docs/decisions/0053).

A thief may have the password and the code app, both on the phone. So whoever has a passkey proves it once
more, and until then a password with a code opens nothing. Whoever has none proves both anew.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator

from pocketward.access.sign_in import strength
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import AccountRecord


def still_counts(account: AccountRecord, *, level: str, at: datetime) -> bool:
    """Whether a proof of this strength, made at this moment of the true clock, is good after the report."""
    if account.fresh_after is None:
        return True
    if at < account.fresh_after:
        return False
    if level != strength.TOTP or not _has_passkey(account.id):
        return True
    return account.passkey_again_at is not None and account.passkey_again_at <= at


def wants_passkey(*, account_id: UUID) -> bool:
    """Whether a password with a code would open nothing for this account now."""
    account = practice_api.get_account(account_id=account_id)
    return account is not None and not still_counts(account, level=strength.TOTP, at=clock.true_now())


def _has_passkey(account_id: UUID) -> bool:
    return bool(Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.WEBAUTHN).exists())
