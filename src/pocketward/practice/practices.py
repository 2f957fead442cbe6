"""Practices and the installation they live in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.utils.translation import gettext_noop

from pocketward.kernel.ids import secret_token, uuid7
from pocketward.kernel.letters import has_unseen_letters
from pocketward.practice.errors import DetailsRefused, NoSuchPractice, WorldIsFixed
from pocketward.practice.events import PracticeChanged, PracticeCreated
from pocketward.practice.models import Installation, Practice
from pocketward.practice.records import PracticeRecord
from pocketward.spine.api import make_practice_key, practice_scope, record, unit_of_work

LANGUAGES = ("en", "es")
# 0 program only, 1 connected, 2 own Apple, 3 with an IT provider (decision D27).
LEVELS = 4
_PHONE = re.compile(r"[0-9+() .x-]{3,40}", re.ASCII)


def _record(row: Practice) -> PracticeRecord:
    return PracticeRecord(
        id=row.id, name=row.name, slug=row.slug, lost_code=row.lost_code, zone=row.zone,
        language=row.language, emergency_phone=row.emergency_phone, front_desk_phone=row.front_desk_phone,
        adoption_level=row.adoption_level, password_allowed=row.password_allowed,
    )  # fmt: skip


def be_born(*, world: str) -> None:
    """Mark this database as `demo` or `real`, for ever; WorldIsFixed when it is the other kind."""
    row, _ = Installation.objects.get_or_create(id=1, defaults={"world": world})
    if row.world != world:
        raise WorldIsFixed()


def world() -> str | None:
    """`demo`, `real`, or None before the first start."""
    row = Installation.objects.filter(id=1).first()
    return row.world if row is not None else None


def _free_slug(name: str) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50] or "practice"
    slug, number = stem, 1
    while Practice.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{stem}-{number}"
    return slug


def create_practice(
    *,
    name: str,
    zone: str = "America/New_York",
    language: str = "en",
    front_desk_phone: str = "",
    emergency_phone: str = "",
    adoption_level: int = 2,
    practice_id: UUID | None = None,
    by: str,
) -> PracticeRecord:
    """A new practice with its keys, in a transaction of its own scope; with this id, if given."""
    row = Practice(
        id=practice_id or uuid7(),
        name=" ".join(name.split()),
        zone=zone,
        language=language,
        front_desk_phone=front_desk_phone,
        emergency_phone=emergency_phone,
        adoption_level=adoption_level,
    )
    parts = ("name", "zone", "language", "adoption_level", "front_desk_phone", "emergency_phone")
    _refuse_details({part: getattr(row, part) for part in parts})
    with practice_scope(row.id):
        return _create(row, by)


@unit_of_work
def _create(row: Practice, by: str) -> PracticeRecord:
    row.slug, row.lost_code = _free_slug(row.name), secret_token(4)[:6]
    row.save(force_insert=True)
    make_practice_key(row.id)
    record(PracticeCreated(practice_id=row.id, actor=by, name=row.name, world=world() or "real"))
    return _record(row)


@unit_of_work
def change_practice(
    *,
    practice_id: UUID,
    name: str,
    zone: str,
    language: str,
    front_desk_phone: str,
    emergency_phone: str,
    password_allowed: bool,
    adoption_level: int,
    by: str,
) -> tuple[str, ...]:
    """Write the practice's own details anew; which parts changed. DetailsRefused.

    `zone` is an IANA name; its slug and lost-phone address stay, since cards are printed with it.
    """
    columns = {
        "name": " ".join(name.split()),
        "zone": zone,
        "language": language,
        "front_desk_phone": " ".join(front_desk_phone.split()),
        "emergency_phone": " ".join(emergency_phone.split()),
        "password_allowed": password_allowed,
        "adoption_level": adoption_level,
    }
    _refuse_details(columns)
    row = Practice.objects.get(pk=practice_id)
    before = {part: getattr(row, part) for part in columns}
    changed = tuple(part for part, value in columns.items() if before[part] != value)
    if not changed:
        return ()
    Practice.objects.filter(pk=practice_id).update(**{part: columns[part] for part in changed})
    record(
        PracticeChanged(
            practice_id=practice_id, actor=by, subject="practice", changed=changed,
            before=tuple(str(before[part]) for part in changed),
            after=tuple(str(columns[part]) for part in changed),
        )
    )  # fmt: skip
    return changed


@cache
def zones() -> frozenset[str]:
    """The IANA zones that this machine knows. Python opens 600 files to say so: it is asked once."""
    return frozenset(available_timezones())


def _refuse_details(columns: Mapping[str, Any]) -> None:
    if not 1 <= len(columns["name"]) <= 120 or has_unseen_letters(columns["name"]):
        words = gettext_noop("Give the practice a name of at most 120 letters, all of which can be seen.")
        raise DetailsRefused(words, field="name")
    if columns["zone"] not in zones():
        raise DetailsRefused(gettext_noop("Choose where the practice is."), field="zone")
    if columns["language"] not in LANGUAGES:
        raise DetailsRefused("Pages are in English or Spanish.", field="language")
    if columns["adoption_level"] not in range(LEVELS):
        raise DetailsRefused("Choose how far the practice goes.", field="adoption_level")
    for part in ("front_desk_phone", "emergency_phone"):
        if columns[part] and not _PHONE.fullmatch(columns[part]):
            raise DetailsRefused("A phone number has digits, spaces and + - ( ) only.", field=part)


def get_practice(*, practice_id: UUID) -> PracticeRecord:
    """The practice; NoSuchPractice."""
    row = Practice.objects.filter(pk=practice_id).first()
    if row is None:
        raise NoSuchPractice()
    return _record(row)


def practice_by_slug(*, slug: str) -> PracticeRecord:
    """The practice with this slug; NoSuchPractice."""
    row = Practice.objects.filter(slug=slug).first()
    if row is None:
        raise NoSuchPractice()
    return _record(row)


def practice_by_lost_code(*, code: str) -> PracticeRecord:
    """The practice whose lost-phone address ends so, upper or lower case; NoSuchPractice."""
    row = Practice.objects.filter(lost_code=code.strip().lower()).first()
    if row is None:
        raise NoSuchPractice()
    return _record(row)


def practices() -> tuple[PracticeRecord, ...]:
    """Every practice of this installation, by name."""
    return tuple(_record(row) for row in Practice.objects.order_by("name"))
