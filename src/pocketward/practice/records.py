"""The frozen records that leave this domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pocketward.practice.roles import OFFICERS


@dataclass(frozen=True)
class PracticeRecord:
    """A practice; `zone` is an IANA name, `lost_code` the end of its short lost-phone address."""

    id: UUID
    name: str
    slug: str
    lost_code: str
    zone: str
    language: str
    emergency_phone: str
    front_desk_phone: str
    adoption_level: int
    password_allowed: bool


@dataclass(frozen=True)
class SiteRecord:
    """A place where the practice works."""

    id: UUID
    name: str
    address: str


@dataclass(frozen=True)
class Member:
    """A person in a practice, with the roles held now."""

    id: UUID
    practice_id: UUID
    full_name: str
    email: str
    phone: str
    job_title: str
    language: str
    account_id: UUID | None
    roles: frozenset[str]
    joined_at: datetime
    left_at: datetime | None
    # The IT provider's name, for one of its technicians; empty for the practice's own people.
    provider: str = ""
    # Where they work, None for no site in particular.
    site_id: UUID | None = None

    @property
    def is_technician(self) -> bool:
        """Whether they come from the IT provider, with or without a grant that counts now."""
        return bool(self.provider)

    @property
    def is_officer(self) -> bool:
        """Whether they hold one of the officer roles."""
        return bool(self.roles & OFFICERS)

    @property
    def first_name(self) -> str:
        """What pages call them."""
        return self.full_name.split()[0] if self.full_name.split() else self.full_name


@dataclass(frozen=True)
class RoleSpan:
    """One person's time in one role."""

    member_id: UUID
    full_name: str
    role: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class ServiceGrantRecord:
    """A technician's time in a practice, until `until` or an earlier `ended_at`."""

    id: UUID
    member_id: UUID
    full_name: str
    email: str
    provider: str
    has_account: bool
    given_by: str
    given_at: datetime
    until: datetime
    ended_at: datetime | None

    def is_live(self, at: datetime) -> bool:
        """Whether it lets the technician in at this moment."""
        return self.ended_at is None and self.given_at <= at < self.until


@dataclass(frozen=True)
class LinkTarget:
    """What a one-time link is for."""

    purpose: str
    practice_id: UUID | None
    member_id: UUID | None
    expires_at: datetime
    subject_id: UUID | None = None


@dataclass(frozen=True)
class SpentInvitation:
    """An invitation that somebody used; `is_new_sign_in` when the person had a sign-in before."""

    member_id: UUID
    made_at: datetime
    spent_at: datetime
    is_new_sign_in: bool


@dataclass(frozen=True)
class AccountRecord:
    """A sign-in identity; `passkey_again_at` is the first passkey after `fresh_after` (true clock)."""

    id: UUID
    email: str
    is_active: bool
    language: str
    fresh_after: datetime | None
    passkey_again_at: datetime | None


@dataclass(frozen=True)
class ImportOutcome:
    """What a CSV import of people did; `left_out` names people with the roles they were not given."""

    added: tuple[str, ...]
    already_here: tuple[str, ...]
    left_out: tuple[tuple[UUID, frozenset[str]], ...] = ()
