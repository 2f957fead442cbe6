"""Recovery codes: ten, each good once; a second proof beside a passkey that may be copied, never a way in."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from pocketward.access.sign_in.session import require_recent
from pocketward.spine.api import unit_of_work

LONGEST = 20


def make_recovery_codes(request: HttpRequest) -> tuple[str, ...]:
    """New codes for the signed-in account, shown once; earlier ones are good no more."""
    return _make(require_recent(request).account_id)


@unit_of_work
def _make(account_id: UUID) -> tuple[str, ...]:
    account = get_user_model().objects.get(pk=account_id)
    Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).delete()
    return tuple(RecoveryCodes.activate(account).generate_codes())


def recovery_codes_left(*, account_id: UUID) -> int:
    """How many unused codes the account has."""
    row = _row(account_id)
    return len(RecoveryCodes(row).get_unused_codes()) if row is not None else 0


@unit_of_work
def spend_recovery_code(*, account_id: UUID, code: str) -> bool:
    """Take one code of this account; whether it was one, unused."""
    row, typed = _row(account_id), code.strip().lower()
    if row is None or not typed or len(typed) > LONGEST:
        return False
    return bool(RecoveryCodes(row).validate_code(typed))


def _row(account_id: UUID) -> Authenticator | None:
    rows = Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.RECOVERY_CODES)
    found: Authenticator | None = rows.first()
    return found
