"""Facts about people and roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pocketward.spine.api import Event


@dataclass(frozen=True, kw_only=True)
class PracticeCreated(Event):
    """A practice was set up here."""

    kind = "practice.practice_created"
    name: str
    world: str


@dataclass(frozen=True, kw_only=True)
class PracticeChanged(Event):
    """The practice's own details were written anew: what changed, before and after, part by part."""

    kind = "practice.practice_changed"
    changed: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OnCallChanged(Event):
    """Who is called first, second and so on; officers who are not named come after them."""

    kind = "practice.on_call_changed"
    member_ids: tuple[UUID, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SiteAdded(Event):
    """The practice works at one more place."""

    kind = "practice.site_added"
    site_id: UUID
    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class SiteChanged(Event):
    """A site's name or address was written anew."""

    kind = "practice.site_changed"
    site_id: UUID
    name: str
    address: str
    before: str
    address_before: str


@dataclass(frozen=True, kw_only=True)
class SiteEnded(Event):
    """The practice works at a place no more; so many people were there."""

    kind = "practice.site_ended"
    site_id: UUID
    name: str
    people: int


@dataclass(frozen=True, kw_only=True)
class MemberSiteChanged(Event):
    """A person works at another site; `site` is empty for none in particular."""

    kind = "practice.member_site_changed"
    member_id: UUID
    full_name: str
    site_id: UUID | None
    site: str


@dataclass(frozen=True, kw_only=True)
class MemberJoined(Event):
    """A person was added."""

    kind = "practice.member_joined"
    member_id: UUID
    full_name: str


@dataclass(frozen=True, kw_only=True)
class MemberLeft(Event):
    """A person left; their roles ended with it."""

    kind = "practice.member_left"
    member_id: UUID
    full_name: str


@dataclass(frozen=True, kw_only=True)
class RoleGiven(Event):
    """A person holds a role from now on."""

    kind = "practice.role_given"
    member_id: UUID
    full_name: str
    role: str


@dataclass(frozen=True, kw_only=True)
class RoleEnded(Event):
    """A person no longer holds a role; `vacant` when nobody does."""

    kind = "practice.role_ended"
    member_id: UUID
    full_name: str
    role: str
    vacant: bool


@dataclass(frozen=True, kw_only=True)
class ServiceGrantGiven(Event):
    """A technician of the IT provider may look at the practice, and approve orders, until a moment."""

    kind = "practice.service_grant_given"
    member_id: UUID
    full_name: str
    provider: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class ServiceGrantEnded(Event):
    """A technician's access was taken away before its time."""

    kind = "practice.service_grant_ended"
    member_id: UUID
    full_name: str
    provider: str


@dataclass(frozen=True, kw_only=True)
class MemberInvited(Event):
    """A one-time invitation was made for a person."""

    kind = "practice.member_invited"
    member_id: UUID
    full_name: str


@dataclass(frozen=True, kw_only=True)
class NewSignInInvited(Event):
    """A person who can sign in was invited to a new sign-in, because they lost theirs; officers are told."""

    kind = "practice.new_sign_in_invited"
    member_id: UUID
    full_name: str


@dataclass(frozen=True, kw_only=True)
class OwnerLinkMade(Event):
    """Somebody with the server's shell made a link that makes an owner; all officers are told."""

    kind = "practice.owner_link_made"
    host_user: str


@dataclass(frozen=True, kw_only=True)
class AccountJoined(Event):
    """A person's account was opened through a one-time link."""

    kind = "practice.account_joined"
    member_id: UUID
    account_id: UUID
    full_name: str
