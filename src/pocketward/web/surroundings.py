"""What stands around a page of a real practice: the bar with its counts, the numbers to call."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.fleet import api as fleet_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import PracticeRecord
from pocketward.web.attention import attention
from pocketward.web.components.clock import Clock
from pocketward.web.components.language import Language, other_language_url
from pocketward.web.components.shell import (
    ConsoleShell,
    MenuItem,
    NavItem,
    PhoneNumber,
    ProviderBar,
    Section,
    StaffShell,
)
from pocketward.web.visitor import Visitor

# How many colors the bar of the IT provider has: one a practice, so that two are not mixed up.
HUES = 6
_DIGITS = frozenset("0123456789+")


def console_shell(visitor: Visitor, section: Section) -> ConsoleShell:
    """The console around a page of `section`, with the counts that want a look."""
    base = visitor.base
    wants = attention(visitor.practice.id, visitor.clock)
    with translation.override("en"):
        return ConsoleShell(
            practice_name=visitor.practice.name,
            home_url=base,
            section=section,
            nav=_sections(visitor, wants.phones, wants.incidents),
            search_url="" if visitor.member.is_technician else f"{base}search/",
            lost_url=f"/l/{visitor.practice.lost_code}",
            setup_url=_setup_url(visitor),
            person_name=visitor.member.full_name,
            initials=initials(visitor.member.full_name),
            menu=_menu(visitor),
            stamp=visitor.clock.stamp(),
            demo=is_demo(),
            kill_switch=fleet_api.kill_switch_is_on(),
            provider=_provider(visitor),
        )


def _sections(visitor: Visitor, phones: int, incidents: int) -> tuple[NavItem, ...]:
    """The five words; a technician has phones, and the guard under Set up."""
    base = visitor.base
    all_phones = _nav("phones", _("Phones"), "phone", f"{base}phones/", phones)
    if visitor.member.is_technician:
        return (NavItem("", _("What waits"), "clock", f"{base}setup/guard/"), all_phones)
    return (
        NavItem("home", _("Home"), "home", base),
        all_phones,
        NavItem("people", _("People"), "people", f"{base}people/"),
        _nav("incidents", _("Incidents"), "flag", f"{base}incidents/", incidents),
        NavItem("proof", _("Proof"), "proof", f"{base}proof/ledger/"),
    )


def _setup_url(visitor: Visitor) -> str:
    if visitor.member.is_technician:
        return f"{visitor.base}setup/guard/"
    return f"{visitor.base}setup/" if visitor.may_change else f"{visitor.base}setup/rules/"


def _provider(visitor: Visitor) -> ProviderBar | None:
    """The bar that says on every page who is at work here from outside, and until when."""
    if not visitor.member.is_technician:
        return None
    grants = practice_api.service_grants(practice_id=visitor.practice.id)
    live = next(
        item for item in grants if item.member_id == visitor.member.id and item.is_live(visitor.clock.now)
    )
    return ProviderBar(
        technician=visitor.member.full_name,
        provider=visitor.member.provider,
        hue=sum(visitor.practice.slug.encode()) % HUES,
        until=visitor.clock.when(live.until),
        leave_url="/account/",
    )


def staff_shell(
    request: HttpRequest,
    language: Language,
    practice: PracticeRecord | None,
    *,
    home_url: str = "",
    clock: Clock | None = None,
    leaves_no_trace: bool = False,
) -> StaffShell:
    """The staff page's head and numbers; without a practice, only ours."""
    return StaffShell(
        practice_name=practice.name if practice else "",
        language=language,
        other_language_url=other_language_url(request, language),
        home_url=home_url,
        numbers=numbers_of(practice, language) if practice else (),
        leaves_no_trace=leaves_no_trace,
        demo=is_demo(),
        stamp=clock.stamp() if clock else "",
    )


def numbers_of(practice: PracticeRecord, language: Language) -> tuple[PhoneNumber, ...]:
    """The numbers staff may call: front desk, then the number for emergencies."""
    found = []
    with translation.override(language):
        if practice.front_desk_phone:
            label = _("Front desk, %(number)s") % {"number": practice.front_desk_phone}
            found.append(PhoneNumber(label, dialled(practice.front_desk_phone)))
        if practice.emergency_phone and practice.emergency_phone != practice.front_desk_phone:
            label = _("On call, %(number)s") % {"number": practice.emergency_phone}
            found.append(PhoneNumber(label, dialled(practice.emergency_phone)))
    return tuple(found)


def call_instead(practice: PracticeRecord) -> PhoneNumber | None:
    """The one number to call when nobody calls back."""
    number = practice.emergency_phone or practice.front_desk_phone
    return PhoneNumber(number, dialled(number)) if number else None


def dialled(number: str) -> str:
    """A number as a phone dials it."""
    return "".join(letter for letter in number if letter in _DIGITS)


def initials(name: str) -> str:
    """DE for Dana Example."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def is_demo() -> bool:
    """Whether this is a demo world."""
    return bool(settings.POCKETWARD.world == "demo")


def lost_address(practice: PracticeRecord) -> str:
    """The short address printed on the card, without the scheme."""
    return f"{settings.POCKETWARD.people_url.split('://', 1)[-1]}/l/{practice.lost_code}"


def _nav(section: Section, label: str, icon: str, url: str, count: int) -> NavItem:
    text = ngettext("%(count)s to look at", "%(count)s to look at", count) % {"count": count}
    return NavItem(section, label, icon, url, count, text)


def _menu(visitor: Visitor) -> tuple[MenuItem, ...]:
    base = visitor.base
    items = [MenuItem(_("Passkeys and sessions"), "/account/", "key")]
    if not visitor.member.is_technician:
        items.insert(0, MenuItem(_("Your phone"), f"{base}me/", "phone"))
    if visitor.may_change:
        items.append(MenuItem(_("Emergency access used"), f"{base}emergency/reviews/", "flag"))
        items.append(MenuItem(_("Set up"), f"{base}setup/", "check"))
    items.append(MenuItem(_("Sign out"), "/sign-out/", "out", post=True))
    return tuple(items)
