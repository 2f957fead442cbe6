"""A colleague's code: a signed-in person vouches, once, in ten minutes, for somebody who cannot sign in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_noop

from pocketward.access import api as access_api
from pocketward.kernel import clock
from pocketward.kernel.crypto import derive_key, hmac_sha256
from pocketward.response.errors import ResponseError
from pocketward.response.events import ColleagueCodeMade
from pocketward.response.models import ColleagueCode
from pocketward.response.rights import colleague_here
from pocketward.spine.api import record, unit_of_work

LIFE = timedelta(minutes=10)
DIGITS = 8
MOST_AN_HOUR = 6


@dataclass(frozen=True)
class MadeCode:
    """The code to tell a colleague, spoken; it is kept nowhere."""

    code: str
    expires_at: datetime


def _digest(practice_id: UUID, code: str) -> str:
    key = derive_key(settings.SECRET_KEY.encode(), "colleague codes")
    return hmac_sha256(key, practice_id.bytes + code.encode()).hex()


def digits_of(text: str) -> str:
    """The digits of a code as typed: spaces and hyphens do not count."""
    return "".join(letter for letter in text if letter in "0123456789")[: DIGITS + 1]


@unit_of_work
def make_colleague_code(*, practice_id: UUID, by_member_id: UUID, strength: str) -> MadeCode:
    """A code of 8 digits. NotAllowed for outsiders; ResponseError without a passkey, or after six an hour."""
    if not access_api.is_phishing_resistant(strength):
        raise ResponseError(gettext_noop("Sign in with your passkey first."))
    person, now = colleague_here(practice_id=practice_id, member_id=by_member_id), clock.now()
    made = ColleagueCode.objects.filter(made_by_id=by_member_id, made_at__gt=now - timedelta(hours=1))
    if made.count() >= MOST_AN_HOUR:
        raise ResponseError(gettext_noop("No more codes for now. Ask another colleague, or an officer."))
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    row = ColleagueCode.objects.create(
        practice_id=practice_id, digest=_digest(practice_id, code), made_by_id=by_member_id,
        made_at=now, expires_at=now + LIFE,
    )  # fmt: skip
    record(
        ColleagueCodeMade(
            practice_id=practice_id, actor=f"member:{by_member_id}", actor_name=person.full_name,
            subject=f"member:{by_member_id}", member_id=by_member_id,
        )
    )  # fmt: skip
    return MadeCode(code, row.expires_at)


@unit_of_work
def spend_colleague_code(
    *, practice_id: UUID, code: str, case_ref: str, for_member: UUID | None
) -> UUID | None:
    """Who vouched, if the code is good and not made by the person it is for; then it is good no more."""
    digits = digits_of(code)
    if len(digits) != DIGITS:
        return None
    rows = ColleagueCode.objects.filter(
        practice_id=practice_id,
        digest=_digest(practice_id, digits),
        spent_at=None,
        expires_at__gt=clock.now(),
    )
    row = rows.exclude(made_by_id=for_member).first() if for_member is not None else rows.first()
    if row is None or not rows.filter(pk=row.pk).update(spent_at=clock.now(), spent_for=case_ref):
        return None
    maker: UUID = row.made_by_id
    return maker
