"""Page models of People: the list, one person, adding one, and the import of many."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pocketward.kernel.ids import public_id
from pocketward.overview.api import PER_PAGE
from pocketward.overview.api import PersonLine as Line
from pocketward.practice.api import ASSIGNABLE, NEEDED, ROLES, Member, RoleSpan, SiteRecord
from pocketward.web.components.clock import Clock
from pocketward.web.components.crumbs import Choice, Crumb, FieldError, PlainLine
from pocketward.web.components.paging import shown
from pocketward.web.components.roles import ROLE_WORDS, role_words
from pocketward.web.components.words import Status


@dataclass(frozen=True)
class PersonLine:
    """A row of the list. `sign_in` says how they come in, or that they have not yet."""

    url: str
    name: str
    roles: str
    email: str
    sign_in: str
    phones: str


@dataclass(frozen=True)
class Vacancy:
    """A role nobody holds and that must not stay vacant."""

    role: str
    text: str


@dataclass(frozen=True)
class PeoplePage:
    """Everybody, and the vacancies first."""

    title: str
    summary: str
    q: str
    lines: tuple[PersonLine, ...]
    vacancies: tuple[Vacancy, ...]
    add_url: str
    import_url: str
    roles_url: str
    can_change: bool
    nothing: str = ""
    shown: str = ""
    older_url: str = ""
    newer_url: str = ""
    toast: str = ""


@dataclass(frozen=True)
class PhoneOfPerson:
    """A phone a person uses."""

    name: str
    url: str
    status: Status
    heard: str
    # That it is erased, and since when that is proven; empty for every other.
    erased: str = ""


@dataclass(frozen=True)
class PersonPage:
    """One person: roles now and before, sign-in, phones, sessions."""

    title: str
    crumbs: tuple[Crumb, ...]
    say: str
    follow: str
    roles: tuple[Choice, ...]
    held: tuple[str, ...]
    roles_url: str
    history: tuple[PlainLine, ...]
    phones: tuple[PhoneOfPerson, ...]
    about: tuple[PlainLine, ...]
    sign_in: tuple[PlainLine, ...]
    invite_url: str
    has_account: bool
    invitation: str
    leave_url: str
    can_change: bool
    site_url: str = ""
    sites: tuple[Choice, ...] = ()
    errors: tuple[FieldError, ...] = ()
    toast: str = ""


@dataclass(frozen=True)
class AddPersonPage:
    """The form for one new person."""

    title: str
    crumbs: tuple[Crumb, ...]
    action: str
    values: Mapping[str, str]
    roles: tuple[Choice, ...]
    errors: tuple[FieldError, ...] = ()
    toast: str = ""


@dataclass(frozen=True)
class ImportPage:
    """The form for a CSV file of people."""

    title: str
    crumbs: tuple[Crumb, ...]
    action: str
    columns: tuple[str, ...]
    # What each role is called in the file, and in words.
    roles: tuple[PlainLine, ...]
    errors: tuple[FieldError, ...] = ()
    toast: str = ""


def people_page(
    people: Iterable[Line],
    *,
    base: str,
    q: str,
    page: int,
    total: int,
    found: int,
    vacant: Iterable[str],
    can_change: bool,
    toast: str = "",
) -> PeoplePage:
    """The list: one `page` (from 1) of those `found` whose name or e-mail has all words of `q`."""
    lines, first = tuple(_line(person, base) for person in people), (page - 1) * PER_PAGE
    return PeoplePage(
        title=_("People"),
        summary=ngettext("%(count)s person works here.", "%(count)s people work here.", total)
        % {"count": total},
        q=q,
        lines=lines,
        vacancies=tuple(
            Vacancy(str(ROLE_WORDS[role]), str(_VACANT[role])) for role in NEEDED if role in set(vacant)
        ),
        add_url=f"{base}people/add/",
        import_url=f"{base}people/import/",
        roles_url=f"{base}people/roles/",
        can_change=can_change,
        nothing=_("None of %(total)s people fits “%(q)s”.") % {"total": total, "q": q},
        shown=shown(first, len(lines), found),
        older_url=_page_url(q, page + 1) if first + len(lines) < found else "",
        newer_url=_page_url(q, page - 1) if page > 1 else "",
        toast=toast,
    )


def _page_url(q: str, page: int) -> str:
    wanted = ({"q": q} if q else {}) | ({"page": str(page)} if page > 1 else {})
    return f"?{urlencode(wanted)}"


_VACANT: Final = {
    "owner": gettext_lazy("Somebody must be able to decide."),
    "privacy_officer": gettext_lazy("This role decides whether a loss is a breach."),
    "security_officer": gettext_lazy("This role answers for the safeguards."),
    "it_lead": gettext_lazy("This role is told first when a phone needs something."),
}


def _line(person: Line, base: str) -> PersonLine:
    return PersonLine(
        url=f"{base}people/{public_id('mem', person.member_id)}/",
        name=person.full_name,
        roles=role_words(person.roles),
        email=person.email or _("no e-mail"),
        sign_in=_("Can sign in") if person.can_sign_in else _("Not invited yet"),
        phones=str(person.phones) if person.phones else "–",
    )


def role_choices(held: Iterable[str]) -> tuple[Choice, ...]:
    """Every role that a person here can have as a box, those `held` ticked."""
    now = set(held)
    return tuple(Choice(role, str(ROLE_WORDS[role]), role in now) for role in ASSIGNABLE)


def person_page(
    person: Member,
    clock: Clock,
    *,
    base: str,
    history: Iterable[RoleSpan],
    phones: tuple[PhoneOfPerson, ...] = (),
    sign_in: tuple[PlainLine, ...] = (),
    invitation: str = "",
    can_change: bool = False,
    sites: Iterable[SiteRecord] = (),
    errors: tuple[FieldError, ...] = (),
    toast: str = "",
) -> PersonPage:
    """One person. `invitation` is the address of a fresh invitation, shown once."""
    place = f"{base}people/{public_id('mem', person.id)}/"
    works_at = {site.id: site.name for site in sites}
    return PersonPage(
        title=person.full_name,
        crumbs=(Crumb(_("People"), f"{base}people/"), Crumb(person.full_name)),
        say=_say(person, phones),
        follow=", ".join(part for part in (person.full_name, person.job_title) if part),
        roles=role_choices(person.roles),
        held=tuple(str(ROLE_WORDS[role]) for role in ROLES if role in person.roles),
        roles_url=f"{place}roles/",
        history=tuple(_span(span, clock) for span in history),
        phones=phones,
        about=(
            PlainLine(_("Work e-mail"), person.email or _("none")),
            PlainLine(_("Phone"), person.phone or _("none")),
            PlainLine(_("Language"), "Español" if person.language == "es" else "English"),
            *((PlainLine(_("Works at"), _site_name(person, works_at)),) if works_at else ()),
            PlainLine(_("Here since"), clock.long_date(person.joined_at)),
        ),
        sign_in=sign_in or _sign_in(person),
        invite_url="" if person.left_at else f"{place}invite/",
        has_account=person.account_id is not None,
        invitation=invitation,
        leave_url="" if person.left_at else f"{place}leave/",
        can_change=can_change and person.left_at is None,
        site_url=f"{place}site/",
        sites=tuple(
            Choice(public_id("site", key), name, key == person.site_id) for key, name in works_at.items()
        ),
        errors=errors,
        toast=toast,
    )


def _site_name(person: Member, works_at: Mapping[UUID, str]) -> str:
    return works_at.get(person.site_id, "") if person.site_id is not None else _("no site in particular")


def _say(person: Member, phones: tuple[PhoneOfPerson, ...]) -> str:
    if person.left_at is not None:
        return _("%(name)s has left. Nothing opens for them.") % {"name": person.first_name}
    if not phones:
        return _("%(name)s has no phone here.") % {"name": person.first_name}
    bad = [phone for phone in phones if phone.status != "ok"]
    if not bad:
        text = ngettext(
            "%(name)s’s phone is protected.", "%(name)s’s %(count)s phones are protected.", len(phones)
        )
        return text % {"name": person.first_name, "count": len(phones)}
    worst = next((phone for phone in bad if not phone.erased), bad[0])
    return worst.erased or _("%(phone)s is not protected.") % {"phone": worst.name}


def _sign_in(person: Member) -> tuple[PlainLine, ...]:
    if person.account_id is None:
        return (PlainLine(_("Has never signed in")),)
    return (PlainLine(_("Has an account")),)


def _span(span: RoleSpan, clock: Clock) -> PlainLine:
    since = clock.date(span.since)
    until = clock.date(span.until) if span.until else _("now")
    return PlainLine(str(ROLE_WORDS[span.role]), f"{since} – {until}")


def add_person_page(
    *, base: str, values: Mapping[str, str], chosen: Iterable[str] = (), errors: tuple[FieldError, ...] = ()
) -> AddPersonPage:
    """The form, with what was typed when something is to be put right."""
    return AddPersonPage(
        title=_("Add a person"),
        crumbs=(Crumb(_("People"), f"{base}people/"), Crumb(_("Add a person"))),
        action=f"{base}people/add/",
        values=values,
        roles=role_choices(chosen),
        errors=errors,
    )


def import_page(*, base: str, errors: tuple[FieldError, ...] = ()) -> ImportPage:
    """The form for a CSV file."""
    return ImportPage(
        title=_("Import people"),
        crumbs=(Crumb(_("People"), f"{base}people/"), Crumb(_("Import people"))),
        action=f"{base}people/import/",
        columns=("full_name", "email", "phone", "job_title", "language", "roles"),
        roles=tuple(PlainLine(role, str(ROLE_WORDS[role])) for role in ASSIGNABLE),
        errors=errors,
    )
