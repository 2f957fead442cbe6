"""The places where a practice works, and who works where."""

from __future__ import annotations

from uuid import UUID

from pocketward.kernel import clock
from pocketward.kernel.letters import has_unseen_letters
from pocketward.practice.errors import DetailsRefused, NoSuchMember, NoSuchSite
from pocketward.practice.events import MemberSiteChanged, SiteAdded, SiteChanged, SiteEnded
from pocketward.practice.models import Site, WorkforceMember
from pocketward.practice.people import normalized_name
from pocketward.practice.records import SiteRecord
from pocketward.spine.api import record, unit_of_work

LONGEST_NAME, LONGEST_ADDRESS = 120, 200


def sites(*, practice_id: UUID) -> tuple[SiteRecord, ...]:
    """The practice's sites, by name; those that ended are left out."""
    rows = Site.objects.filter(practice_id=practice_id, ended_at=None).order_by("name")
    return tuple(SiteRecord(row.id, row.name, row.address) for row in rows)


@unit_of_work
def add_site(*, practice_id: UUID, name: str, address: str = "", by: str) -> SiteRecord:
    """A new site; DetailsRefused for a name that is missing, too long, or an open site's already."""
    name, address = _checked(practice_id, name, address)
    row = Site.objects.create(practice_id=practice_id, name=name, address=address)
    record(
        SiteAdded(
            practice_id=practice_id, actor=by, subject=f"site:{row.id}", site_id=row.id, name=name,
            address=address,
        )
    )  # fmt: skip
    return SiteRecord(row.id, name, address)


@unit_of_work
def change_site(*, site_id: UUID, name: str, address: str = "", by: str) -> bool:
    """Name and address anew; whether anything changed. NoSuchSite, DetailsRefused as for a new one."""
    row = _standing(site_id)
    name, address = _checked(row.practice_id, name, address, but=site_id)
    if (name, address) == (row.name, row.address):
        return False
    Site.objects.filter(pk=site_id).update(name=name, address=address)
    record(
        SiteChanged(
            practice_id=row.practice_id, actor=by, subject=f"site:{site_id}", site_id=site_id, name=name,
            address=address, before=row.name, address_before=row.address,
        )
    )  # fmt: skip
    return True


@unit_of_work
def end_site(*, site_id: UUID, by: str) -> None:
    """The practice works there no more: it stays in the record, and its people are at no site. NoSuchSite."""
    row = _standing(site_id)
    people = WorkforceMember.objects.filter(site_id=site_id).update(site=None)
    Site.objects.filter(pk=site_id).update(ended_at=clock.now())
    record(
        SiteEnded(
            practice_id=row.practice_id, actor=by, subject=f"site:{site_id}", site_id=site_id, name=row.name,
            people=people,
        )
    )  # fmt: skip


@unit_of_work
def set_site(*, member_id: UUID, site_id: UUID | None, by: str) -> bool:
    """Say at which site a person works, None for no certain one; whether it changed.

    NoSuchMember; NoSuchSite for one of another practice or one that ended.
    """
    row = WorkforceMember.objects.filter(pk=member_id).first()
    if row is None:
        raise NoSuchMember()
    site = _standing(site_id) if site_id is not None else None
    if site is not None and site.practice_id != row.practice_id:
        raise NoSuchSite()
    if row.site_id == site_id:
        return False
    WorkforceMember.objects.filter(pk=member_id).update(site_id=site_id)
    record(
        MemberSiteChanged(
            practice_id=row.practice_id, actor=by, subject=f"member:{member_id}", member_id=member_id,
            full_name=row.full_name, site_id=site_id, site=site.name if site is not None else "",
        )
    )  # fmt: skip
    return True


def _standing(site_id: UUID) -> Site:
    row: Site | None = Site.objects.filter(pk=site_id, ended_at=None).first()
    if row is None:
        raise NoSuchSite()
    return row


def _checked(practice_id: UUID, name: str, address: str, *, but: UUID | None = None) -> tuple[str, str]:
    name, address = " ".join(name.split()), " ".join(address.split())
    if not name or len(name) > LONGEST_NAME or has_unseen_letters(name):
        raise DetailsRefused(
            "Give the site a name of at most 120 letters, all of which can be seen.", field="site"
        )
    if len(address) > LONGEST_ADDRESS or has_unseen_letters(address):
        raise DetailsRefused("An address has at most 200 letters, all of which can be seen.", field="site")
    others = Site.objects.filter(practice_id=practice_id, ended_at=None).exclude(pk=but)
    if normalized_name(name) in {normalized_name(one) for one in others.values_list("name", flat=True)}:
        raise DetailsRefused("There is a site of this name already.", field="site")
    return name, address
