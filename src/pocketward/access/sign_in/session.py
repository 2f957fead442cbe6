"""Browser sessions: who is signed in, since when, how strongly; listing and ending them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.http import HttpRequest

from pocketward.access.leaving import way_out
from pocketward.access.sessions import end_gate_sessions
from pocketward.access.sign_in import browser_session, fresh, strength
from pocketward.access.sign_in.errors import FreshSignInNeeded
from pocketward.access.sign_in.records import SessionRecord, SignedIn
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.spine.api import practice_scope

RECENT = timedelta(minutes=10)
LONGEST = timedelta(hours=12)


def signed_in(request: HttpRequest) -> SignedIn | None:
    """The person behind this browser session, or None.

    A session that is older than 12 hours, or that a report of a lost phone ended, counts as none.
    """
    if not request.user.is_authenticated or not request.user.is_active:
        return None
    proof = _strongest(request)
    if proof is None:
        return None
    level, at, passkey_id = proof
    account = practice_api.get_account(account_id=request.user.pk)
    if account is None or clock.true_now() - at > LONGEST:
        return None
    if not fresh.still_counts(account, level=level, at=at):
        return None
    key = request.session.session_key or ""
    return SignedIn(account.id, account.email, account.language, level, at, key, passkey_id)


def _strongest(request: HttpRequest) -> tuple[str, datetime, int | None] | None:
    proofs: list[tuple[str, datetime, int | None]] = []
    for item in get_authentication_records(request, request.user):
        at = datetime.fromtimestamp(item["at"], UTC)
        if item.get("method") == "mfa" and item.get("type") == "webauthn":
            row = Authenticator.objects.filter(pk=item.get("id"), user_id=request.user.pk).first()
            if row is not None:
                synced = row.data.get("backup_eligible", True)
                proofs.append((strength.PASSKEY_SYNCED if synced else strength.PASSKEY, at, row.pk))
        elif item.get("method") in (strength.TOTP, strength.LINK, strength.DEMO):
            proofs.append((item["method"], at, None))
    # The newest proof counts: a step-up with a weaker factor does not hide behind an old stronger one.
    return max(proofs, key=lambda proof: proof[1]) if proofs else None


def require_recent(request: HttpRequest) -> SignedIn:
    """The signed-in person, if they proved it in the last 10 minutes; FreshSignInNeeded otherwise."""
    person = signed_in(request)
    if person is None or clock.true_now() - person.auth_at > RECENT:
        raise FreshSignInNeeded()
    return person


def note_proof(request: HttpRequest, method: str) -> None:
    """Add a proof of this kind to the session of the signed-in account."""
    record_authentication(request, request.user, method)


def sign_out(request: HttpRequest) -> str:
    """End this browser session, and what was opened from it.

    Where the browser goes now, so that nothing stays on the hosts of record systems; empty for nowhere.
    """
    way = ""
    if request.user.is_authenticated:
        number = browser_session.number_of(request.session.session_key or "")
        way = way_out(account_id=request.user.pk, sign_in=number)
        _close_what_it_opened(request.user.pk, number)
    logout(request)
    return way


def _close_what_it_opened(account_id: UUID, number: int | None) -> None:
    """End the sessions at apps that this browser session handed over, in every practice of the account."""
    if number is None:
        return
    everywhere = tuple(practice.id for practice in practice_api.practices())
    for practice_id, member_id in practice_api.memberships(account_id=account_id, practice_ids=everywhere):
        with practice_scope(practice_id):
            end_gate_sessions(
                practice_id=practice_id, by=f"member:{member_id}", reason="signed_out", sign_in=number
            )


def sessions(*, account_id: UUID, current_key: str = "") -> tuple[SessionRecord, ...]:
    """The account's open sessions, newest first; `started_at` as the product's clock would have read it."""
    moved = clock.now() - clock.true_now()
    rows = UserSession.objects.filter(user_id=account_id).order_by("-created_at")
    return tuple(
        SessionRecord(row.pk, row.created_at + moved, row.ip, row.user_agent, row.session_key == current_key)
        for row in rows
        if row.exists()
    )


def end_session(*, account_id: UUID, session_id: int) -> bool:
    """End one session of this account, and what was opened from it; whether there was one."""
    row = UserSession.objects.filter(pk=session_id, user_id=account_id).first()
    if row is not None:
        _close_what_it_opened(account_id, row.pk)
        row.end()
    return row is not None
