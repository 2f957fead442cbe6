"""Who answers for what: each named role with whoever holds it, and everybody who did."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.kernel.ids import public_id
from pocketward.practice.api import NEEDED, RoleSpan, ServiceGrantRecord
from pocketward.web.components.clock import Clock
from pocketward.web.components.crumbs import Crumb, PlainLine
from pocketward.web.components.roles import ROLE_WORDS

NAMED = (*NEEDED, "compliance_lead")


@dataclass(frozen=True)
class Holder:
    """One person's time in a role."""

    name: str
    url: str
    when: str


@dataclass(frozen=True)
class RoleLine:
    """A role. `vacant` says since when nobody holds it, if it must not stay so."""

    role: str
    now: tuple[Holder, ...]
    before: tuple[Holder, ...]
    vacant: str = ""


@dataclass(frozen=True)
class RolesPage:
    """The named roles and their history."""

    title: str
    crumbs: tuple[Crumb, ...]
    say: str
    lines: tuple[RoleLine, ...]
    technicians: tuple[PlainLine, ...]
    provider_url: str
    toast: str = ""


def roles_page(
    history: Iterable[RoleSpan], grants: Iterable[ServiceGrantRecord], clock: Clock, *, base: str
) -> RolesPage:
    """The roles of `history`, which is newest first, and who is let in now. `base` ends with a slash."""
    spans = tuple(history)
    lines = tuple(
        _line(role, tuple(span for span in spans if span.role == role), clock, base) for role in NAMED
    )
    count = sum(1 for line in lines if line.vacant)
    say = ngettext("%(count)s needed role is vacant.", "%(count)s needed roles are vacant.", count)
    return RolesPage(
        title=_("Who answers for what"),
        crumbs=(Crumb(_("People"), f"{base}people/"), Crumb(_("Who answers for what"))),
        say=say % {"count": count} if count else _("Every needed role is held."),
        lines=lines,
        technicians=tuple(
            PlainLine(
                f"{item.full_name}, {item.provider}", _("until %(when)s") % {"when": clock.when(item.until)}
            )
            for item in grants
            if item.is_live(clock.now)
        ),
        provider_url=f"{base}people/provider/",
    )


def _line(role: str, spans: tuple[RoleSpan, ...], clock: Clock, base: str) -> RoleLine:
    now = tuple(_holder(span, clock, base) for span in spans if span.until is None)
    ends = [span.until for span in spans if span.until is not None]
    vacant = ""
    if not now and role in NEEDED:
        vacant = _("Vacant since %(day)s") % {"day": clock.date(max(ends))} if ends else _("Never held")
    before = tuple(_holder(span, clock, base) for span in spans if span.until is not None)
    return RoleLine(str(ROLE_WORDS[role]), now, before, vacant)


def _holder(span: RoleSpan, clock: Clock, base: str) -> Holder:
    since = clock.date(span.since)
    when = f"{since} – {clock.date(span.until)}" if span.until else _("since %(day)s") % {"day": since}
    return Holder(span.full_name, f"{base}people/{public_id('mem', span.member_id)}/", when)
