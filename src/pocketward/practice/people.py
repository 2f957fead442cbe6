"""People and roles: adding, finding, giving and ending."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from pocketward.kernel import clock
from pocketward.kernel.letters import has_unseen_letters
from pocketward.practice import roles
from pocketward.practice.errors import EmailRefused, NoSuchMember, PracticeError, RoleNeedsOwner
from pocketward.practice.events import MemberJoined, MemberLeft, OnCallChanged, RoleEnded, RoleGiven
from pocketward.practice.models import RoleAssignment, ServiceGrant, WorkforceMember
from pocketward.practice.records import Member, RoleSpan
from pocketward.spine.api import record, unit_of_work


def _records(rows: Iterable[WorkforceMember]) -> tuple[Member, ...]:
    people = list(rows)
    held: dict[UUID, set[str]] = {row.id: set() for row in people}
    technicians = {row.id: row.service_provider.name for row in people if row.service_provider is not None}
    if technicians:
        for member_id in (
            ServiceGrant.live().filter(member_id__in=technicians).values_list("member_id", flat=True)
        ):
            held[member_id].add(roles.SERVICE_TECHNICIAN)
    current = RoleAssignment.objects.filter(member_id__in=list(held), until=None)
    for member_id, role in current.values_list("member_id", "role"):
        held[member_id].add(role)
    return tuple(
        Member(
            id=row.id, practice_id=row.practice_id, full_name=row.full_name, email=row.email, phone=row.phone,
            job_title=row.job_title, language=row.language, account_id=row.account_id,
            roles=frozenset(held[row.id]), joined_at=row.joined_at, left_at=row.left_at,
            provider=technicians.get(row.id, ""), site_id=row.site_id,
        )
        for row in people
    )  # fmt: skip


def members(
    *,
    practice_id: UUID,
    with_left: bool = False,
    with_technicians: bool = False,
    member_ids: Sequence[UUID] | None = None,
) -> tuple[Member, ...]:
    """The people of a practice, by name; only these, if named. Its IT provider's are others' people."""
    rows = WorkforceMember.objects.filter(practice_id=practice_id).order_by("full_name")
    rows = rows.select_related("service_provider")
    if not with_technicians:
        rows = rows.filter(service_provider=None)
    if member_ids is not None:
        rows = rows.filter(pk__in=member_ids)
    return _records(rows if with_left else rows.filter(left_at=None))


def get_member(*, member_id: UUID) -> Member:
    """The person; NoSuchMember when they are not in the practices in scope."""
    found = _records(WorkforceMember.objects.select_related("service_provider").filter(pk=member_id))
    if not found:
        raise NoSuchMember()
    return found[0]


def normalized_name(text: str) -> str:
    """A name as it is compared: no case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(plain.casefold().split())


def find_members(*, practice_id: UUID, text: str, with_left: bool = False) -> tuple[Member, ...]:
    """People whose work e-mail or full name is exactly this, case and accents aside."""
    wanted = text.strip()
    if not wanted or len(wanted) > 200:
        return ()
    present = WorkforceMember.objects.filter(practice_id=practice_id, service_provider=None)
    if not with_left:
        present = present.filter(left_at=None)
    if "@" in wanted:
        return _records(present.filter(email__iexact=wanted))
    name = normalized_name(wanted)
    keys = [
        key for key, full_name in present.values_list("id", "full_name") if normalized_name(full_name) == name
    ]
    return _records(present.filter(pk__in=keys))


def officers(*, practice_id: UUID) -> tuple[Member, ...]:
    """Everybody who holds an officer role, by name."""
    return tuple(person for person in members(practice_id=practice_id) if person.is_officer)


def on_call(*, practice_id: UUID) -> tuple[Member, ...]:
    """Who is paged, in order: the on-call list, then the other officers."""
    first = on_call_list(practice_id=practice_id)
    known = {person.id for person in first}
    return first + tuple(person for person in officers(practice_id=practice_id) if person.id not in known)


# Most letters of each text about a person: what its column holds.
LONGEST = {"full_name": 120, "email": 254, "phone": 40, "job_title": 80}


UNFIT = {
    "full_name": gettext_noop("The full name is too long, cannot be printed, or begins like a formula."),
    "email": gettext_noop("The e-mail is too long, cannot be printed, or begins like a formula."),
    "phone": gettext_noop("The phone is too long, cannot be printed, or begins like a formula."),
    "job_title": gettext_noop("The job title is too long, cannot be printed, or begins like a formula."),
}
# A spreadsheet runs a cell that begins so; a phone number may begin with a plus.
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@")
_NUMBER = re.compile(r"\+[0-9 ().-]+\Z")


def unfit_text(name: str, text: str) -> bool:
    """Whether this text cannot be kept as this column: too long, with letters unseen, or a formula."""
    is_number = name == "phone" and _NUMBER.match(text) is not None
    return (
        len(text) > LONGEST[name]
        or has_unseen_letters(text)
        or (text.lstrip().startswith(RUN_BY_SPREADSHEETS) and not is_number)
    )


@unit_of_work
def set_on_call(*, practice_id: UUID, member_ids: tuple[UUID, ...], by: str) -> None:
    """Say who is paged first, second and so on; PracticeError for somebody twice or not here.

    Officers who are not named are still paged, after those who are.
    """
    here = {person.id: person.full_name for person in members(practice_id=practice_id)}
    if len(set(member_ids)) != len(member_ids) or not set(member_ids) <= set(here):
        raise PracticeError("Name each person of the practice once.")
    rows = WorkforceMember.objects.filter(practice_id=practice_id)
    standing = rows.filter(on_call_rank__isnull=False, left_at=None).order_by("on_call_rank", "full_name")
    if tuple(standing.values_list("id", flat=True)) == member_ids:
        return
    rows.filter(on_call_rank__isnull=False).update(on_call_rank=None)
    for rank, member_id in enumerate(member_ids, start=1):
        rows.filter(pk=member_id).update(on_call_rank=rank)
    record(
        OnCallChanged(
            practice_id=practice_id, actor=by, subject="practice", member_ids=member_ids,
            names=tuple(here[member_id] for member_id in member_ids),
        )
    )  # fmt: skip


def on_call_list(*, practice_id: UUID) -> tuple[Member, ...]:
    """Those who are named on the on-call list, in order."""
    rows = WorkforceMember.objects.filter(practice_id=practice_id, left_at=None, on_call_rank__isnull=False)
    return _records(rows.order_by("on_call_rank", "full_name"))


def is_email(text: str) -> bool:
    """Whether this is one e-mail address, and nothing beside it."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def refuse_email(practice_id: UUID, email: str) -> None:
    """EmailRefused for a text that is no e-mail address, or one that somebody of the practice has already."""
    if not email:
        return
    if not is_email(email):
        raise EmailRefused(gettext_noop("This is not an e-mail address. Write one, like ana@example.org."))
    # Those who left keep theirs, and so do the IT provider's people.
    row = WorkforceMember.objects.filter(practice_id=practice_id, email__iexact=email).first()
    if row is not None:
        taken = _("This e-mail is %(name)s’s already. Give each person their own.") % {"name": row.full_name}
        gone = _("They have left, and their address stays theirs.") if row.left_at is not None else ""
        raise EmailRefused(f"{taken} {gone}".strip())


@unit_of_work
def add_member(
    *,
    practice_id: UUID,
    full_name: str,
    email: str = "",
    phone: str = "",
    job_title: str = "",
    language: str = "en",
    role_names: Iterable[str] = (),
    on_call_rank: int | None = None,
    by: str,
) -> Member:
    """A new person with these roles; PracticeError names what cannot be kept."""
    name = " ".join(full_name.split())
    if not name:
        raise PracticeError("A person needs a name.")
    texts = {
        "full_name": name, "email": email.strip().lower(), "phone": phone.strip(),
        "job_title": job_title.strip(),
    }  # fmt: skip
    for column, text in texts.items():
        if unfit_text(column, text):
            raise PracticeError(UNFIT[column])
    refuse_email(practice_id, texts["email"])
    try:
        with transaction.atomic():
            row = WorkforceMember.objects.create(
                practice_id=practice_id, language=language, on_call_rank=on_call_rank, **texts
            )
    except IntegrityError:
        # Somebody took the address since it was looked up: whose it is can be said now.
        refuse_email(practice_id, texts["email"])
        raise
    record(
        MemberJoined(
            practice_id=practice_id, actor=by, subject=f"member:{row.id}", member_id=row.id, full_name=name
        )
    )
    for role in role_names:
        give_role(member_id=row.id, role=role, by=by)
    return get_member(member_id=row.id)


@unit_of_work
def give_role(*, member_id: UUID, role: str, by: str) -> None:
    """Give a role from now on; nothing happens when they hold it already."""
    if role not in roles.ROLES:
        raise PracticeError(_("There is no role called %(role)s.") % {"role": role})
    person = get_member(member_id=member_id)
    if role not in roles.ASSIGNABLE or person.is_technician:
        raise PracticeError("A technician of the IT provider gets access for a time, and no role.")
    if role in person.roles:
        return
    RoleAssignment.objects.create(
        practice_id=person.practice_id, member_id=member_id, role=role, given_by=by, since=clock.now()
    )
    record(
        RoleGiven(
            practice_id=person.practice_id, actor=by, subject=f"member:{member_id}", member_id=member_id,
            full_name=person.full_name, role=role,
        )
    )  # fmt: skip


@unit_of_work
def end_role(*, member_id: UUID, role: str, by: str) -> None:
    """End a role now; RoleNeedsOwner for the last owner. A vacancy is in the event."""
    person = get_member(member_id=member_id)
    held = RoleAssignment.objects.filter(role=role, until=None, member__left_at=None)
    others = held.exclude(member_id=member_id).exists()
    if role == roles.OWNER and role in person.roles and not others:
        raise RoleNeedsOwner()
    if not held.filter(member_id=member_id).update(until=clock.now()):
        return
    record(
        RoleEnded(
            practice_id=person.practice_id, actor=by, subject=f"member:{member_id}", member_id=member_id,
            full_name=person.full_name, role=role, vacant=not others,
        )
    )  # fmt: skip


@unit_of_work
def change_roles(*, member_id: UUID, role_names: Iterable[str], by: str) -> int:
    """Give and end roles until exactly these are held; how many changed. RoleNeedsOwner."""
    wanted, held = set(role_names), get_member(member_id=member_id).roles
    for role in sorted(held - wanted):
        end_role(member_id=member_id, role=role, by=by)
    for role in sorted(wanted - held):
        give_role(member_id=member_id, role=role, by=by)
    return len(wanted ^ held)


@unit_of_work
def mark_left(*, member_id: UUID, by: str) -> None:
    """The person leaves: every role ends now; the row stays."""
    person = get_member(member_id=member_id)
    for role in sorted(person.roles):
        end_role(member_id=member_id, role=role, by=by)
    WorkforceMember.objects.filter(pk=member_id).update(left_at=clock.now())
    record(
        MemberLeft(
            practice_id=person.practice_id, actor=by, subject=f"member:{member_id}", member_id=member_id,
            full_name=person.full_name,
        )
    )  # fmt: skip


def role_history(*, practice_id: UUID, role: str | None = None) -> tuple[RoleSpan, ...]:
    """Who held which role when, newest first."""
    rows = RoleAssignment.objects.filter(practice_id=practice_id).select_related("member").order_by("-since")
    if role is not None:
        rows = rows.filter(role=role)
    return tuple(
        RoleSpan(row.member_id, row.member.full_name, row.role, row.since, row.until) for row in rows
    )


def vacant_roles(*, practice_id: UUID) -> tuple[str, ...]:
    """The roles that nobody holds and that must not stay vacant."""
    held = {role for person in members(practice_id=practice_id) for role in person.roles}
    return tuple(role for role in roles.NEEDED if role not in held)
