"""One-time links: only a digest is kept; spending one is a single conditional update."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from pocketward.kernel import clock
from pocketward.kernel.ids import secret_token
from pocketward.practice.errors import LinkSpent
from pocketward.practice.events import AccountJoined, MemberInvited, NewSignInInvited, OwnerLinkMade
from pocketward.practice.models import Account, OneTimeLink, RoleAssignment, ServiceGrant, WorkforceMember
from pocketward.practice.people import get_member
from pocketward.practice.records import AccountRecord, LinkTarget, SpentInvitation
from pocketward.practice.roles import OWNER
from pocketward.spine.api import practice_scope, record, unit_of_work

OWNER_LINK, INVITATION, DEMO_SIGN_IN, STOP_LINK = "owner", "invitation", "demo", "stop"
# An invitation of somebody who has a sign-in and lost it: the only one that opens an account that works.
NEW_SIGN_IN = "new_sign_in"
LIFE = {
    OWNER_LINK: timedelta(minutes=30),
    INVITATION: timedelta(days=7),
    NEW_SIGN_IN: timedelta(days=1),
    DEMO_SIGN_IN: timedelta(hours=12),
    # An order to a phone that is off may wait long; what it stops says when the link is dead.
    STOP_LINK: timedelta(days=30),
}


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _make(
    purpose: str, practice_id: UUID | None, member_id: UUID | None, subject_id: UUID | None = None
) -> str:
    secret = secret_token(16)
    OneTimeLink.objects.create(
        purpose=purpose,
        digest=_digest(secret),
        practice_id=practice_id,
        member_id=member_id,
        subject_id=subject_id,
        expires_at=clock.true_now() + LIFE[purpose],
    )
    return secret


def owner_exists() -> bool:
    """Whether anybody owns a practice here and can sign in: then the first-run link is dead for ever."""
    return Account.objects.exists()


def make_owner_link(*, practice_id: UUID | None, member_id: UUID | None, host_user: str) -> str:
    """The secret of a link that makes an owner; for an existing practice it is a sealed event."""
    if practice_id is None:
        return unit_of_work(_make)(OWNER_LINK, None, None)
    with practice_scope(practice_id):
        return _make_sealed_owner_link(practice_id, member_id, host_user)


@unit_of_work
def _make_sealed_owner_link(practice_id: UUID, member_id: UUID | None, host_user: str) -> str:
    record(OwnerLinkMade(practice_id=practice_id, actor="system:host", host_user=host_user))
    return _make(OWNER_LINK, practice_id, member_id)


@unit_of_work
def invite_member(*, member_id: UUID, by: str) -> str:
    """The secret of a person's invitation, good for 7 days and one use.

    It opens no account that somebody can sign in to: see `access.invite`, which officers go through.
    """
    person = get_member(member_id=member_id)
    record(
        MemberInvited(
            practice_id=person.practice_id, actor=by, subject=f"member:{member_id}", member_id=member_id,
            full_name=person.full_name,
        )
    )  # fmt: skip
    return _make(INVITATION, person.practice_id, member_id)


@unit_of_work
def invite_to_new_sign_in(*, member_id: UUID, by: str) -> str:
    """The secret of a link for somebody who lost their passkey: one day, one use; all officers are told."""
    person = get_member(member_id=member_id)
    record(
        NewSignInInvited(
            practice_id=person.practice_id, actor=by, subject=f"member:{member_id}", member_id=member_id,
            full_name=person.full_name,
        )
    )  # fmt: skip
    return _make(NEW_SIGN_IN, person.practice_id, member_id)


def owner_links_since(*, practice_id: UUID, since: datetime) -> tuple[datetime, ...]:
    """When links that make an owner were made on the server for a practice that stands, newest first."""
    rows = OneTimeLink.objects.filter(practice_id=practice_id, purpose=OWNER_LINK, made_at__gt=since)
    return tuple(rows.order_by("-made_at").values_list("made_at", flat=True))


def invitations_spent_since(*, practice_id: UUID, since: datetime) -> tuple[SpentInvitation, ...]:
    """Whose sign-in came to be by a link after this moment, oldest first: the server's own links among them.

    Whoever has a shell on the server can make an owner's link; what it opens is as new as any other.
    """
    rows = OneTimeLink.objects.filter(
        practice_id=practice_id, purpose__in=(INVITATION, NEW_SIGN_IN, OWNER_LINK), spent_at__gt=since
    )
    return tuple(
        SpentInvitation(row.member_id, row.made_at, row.spent_at, row.purpose != INVITATION)
        for row in rows.order_by("spent_at")
        if row.member_id is not None and row.spent_at is not None
    )


@unit_of_work
def make_demo_link(*, practice_id: UUID, member_id: UUID) -> str:
    """The secret of the demo's sign-in link."""
    return _make(DEMO_SIGN_IN, practice_id, member_id)


@unit_of_work
def make_stop_link(*, practice_id: UUID, member_id: UUID, subject_id: UUID) -> str:
    """The secret of a link that stops one order of this member's, and can do nothing else."""
    return _make(STOP_LINK, practice_id, member_id, subject_id)


def look_at_link(*, secret: str, purpose: str) -> LinkTarget:
    """What the link is for, without spending it; LinkSpent when it is no longer good."""
    row = OneTimeLink.objects.filter(
        digest=_digest(secret), purpose=purpose, spent_at=None, expires_at__gt=clock.true_now()
    ).first()
    if row is None or (purpose == OWNER_LINK and row.practice_id is None and owner_exists()):
        raise LinkSpent()
    return LinkTarget(row.purpose, row.practice_id, row.member_id, row.expires_at, row.subject_id)


@unit_of_work
def spend_link(*, secret: str, purpose: str) -> LinkTarget:
    """Spend the link, once; LinkSpent the second time."""
    target = look_at_link(secret=secret, purpose=purpose)
    spent = OneTimeLink.objects.filter(digest=_digest(secret), spent_at=None).update(spent_at=clock.now())
    if not spent:
        raise LinkSpent()
    return target


@unit_of_work
def open_account(*, member_id: UUID, email: str, by: str) -> AccountRecord:
    """The account of a person, made when they have none; their e-mail becomes its login.

    It speaks the person's language from here on: its own pages belong to no practice.
    """
    person = get_member(member_id=member_id)
    login = email.strip().lower()
    account = Account.objects.filter(email=login).first() or Account.objects.create_account(login)
    account.language = person.language
    account.save(update_fields=["language"])
    changes: dict[str, object] = {"account": account}
    if not person.email:
        changes["email"] = login
    WorkforceMember.objects.filter(pk=member_id).update(**changes)
    record(
        AccountJoined(
            practice_id=person.practice_id, actor=by, subject=f"member:{member_id}", member_id=member_id,
            account_id=account.id, full_name=person.full_name,
        )
    )  # fmt: skip
    return _account_record(account)


def with_sign_in(*, practice_id: UUID) -> frozenset[UUID]:
    """Everybody of the practice who was ever given a sign-in; nothing takes one away."""
    rows = WorkforceMember.objects.filter(practice_id=practice_id, account__isnull=False)
    return frozenset(rows.values_list("id", flat=True))


def account_of_email(*, email: str) -> AccountRecord | None:
    """The account that signs in with this e-mail, or None."""
    row = Account.objects.filter(email=email.strip().lower()).first()
    return get_account(account_id=row.pk) if row is not None else None


def memberships(*, account_id: UUID, practice_ids: tuple[UUID, ...]) -> tuple[tuple[UUID, UUID], ...]:
    """(practice id, member id) of an account, among these practices; a technician's while a grant lives."""
    found: list[tuple[UUID, UUID]] = []
    for practice_id in practice_ids:
        with practice_scope(practice_id):
            found.extend((row.practice_id, row.id) for row in _present(account_id))
    return tuple(found)


def member_of_account(*, practice_id: UUID, account_id: UUID) -> UUID | None:
    """The person that an account is in this practice, or None; a technician only while a grant lives."""
    found = [row.id for row in _present(account_id) if row.practice_id == practice_id]
    return found[0] if found else None


def _present(account_id: UUID) -> list[WorkforceMember]:
    """Who the account is in the practices in scope, those who left and whose grant is over left out."""
    rows = list(WorkforceMember.objects.filter(account_id=account_id, left_at=None))
    if all(row.service_provider_id is None for row in rows):
        return rows
    let_in = set(ServiceGrant.live().filter(member__in=rows).values_list("member_id", flat=True))
    return [row for row in rows if row.service_provider_id is None or row.id in let_in]


def owners(*, practice_id: UUID) -> tuple[UUID, ...]:
    """The members who own the practice now."""
    rows = RoleAssignment.objects.filter(practice_id=practice_id, role=OWNER, until=None)
    return tuple(rows.values_list("member_id", flat=True))


def get_account(*, account_id: UUID) -> AccountRecord | None:
    """The account, or None."""
    row = Account.objects.filter(pk=account_id).first()
    if row is None:
        return None
    return _account_record(row)


def _account_record(row: Account) -> AccountRecord:
    return AccountRecord(
        row.id, row.email, row.is_active, row.language, row.fresh_after, row.passkey_again_at
    )


@unit_of_work
def require_fresh_sign_in(*, account_id: UUID) -> None:
    """Let no session of this account go on without signing in again from now on."""
    Account.objects.filter(pk=account_id).update(fresh_after=clock.true_now(), passkey_again_at=None)


@unit_of_work
def note_passkey(*, account_id: UUID) -> None:
    """The account has just proven a passkey: where a fresh one was asked for, this is it."""
    asked = Account.objects.filter(pk=account_id, passkey_again_at=None).exclude(fresh_after=None)
    asked.update(passkey_again_at=clock.true_now())
