"""Staff pages: home, my phone, and everything we hold about you."""

from contextlib import suppress

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.incidents import api as incidents_api
from pocketward.kernel.errors import PocketwardError
from pocketward.posture import api as posture_api
from pocketward.practice import api as practice_api
from pocketward.response import api as response_api
from pocketward.web.components.render import staff_page
from pocketward.web.components.roles import role_words
from pocketward.web.components.shell import StaffShell
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.components.words import badness, word
from pocketward.web.gatekeeping import READERS, practice_page
from pocketward.web.my_phone.building import my_phone_page
from pocketward.web.my_phone.fact_words import held_lines
from pocketward.web.my_phone.fixes import checks_of, fix_page, text_of
from pocketward.web.my_phone.pages import HeldGroup, HeldLine, HeldPage, StaffHomePage, Tile
from pocketward.web.phones.asking import BY_STAFF, ask_one
from pocketward.web.phones.reading import Phone, one_phone
from pocketward.web.surroundings import staff_shell
from pocketward.web.visitor import Visitor


def my_phones(visitor: Visitor) -> tuple[Phone, ...]:
    """The visitor's own phones, the worst first; one that is erased says nothing of those in use."""
    found = [
        one_phone(device, visitor.clock)
        for device in fleet_api.devices_of_member(member_id=visitor.member.id)
    ]
    return tuple(
        sorted(found, key=lambda phone: (phone.erased_at is not None, badness(phone.standing.status)))
    )


def shell_of(request: HttpRequest, visitor: Visitor) -> StaffShell:
    """What stands around a signed-in staff page."""
    return staff_shell(
        request, visitor.language, visitor.practice, home_url=f"{visitor.base}me/", clock=visitor.clock
    )


@require_GET
@practice_page(staff=True)
def staff_home(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Hello, one sentence, and the tiles."""
    with translation.override(visitor.language):
        mine = my_phones(visitor)
        page = StaffHomePage(
            title=_("Home"),
            say=_hello(visitor, mine),
            tiles=_tiles(visitor, mine),
            console_url=visitor.base if visitor.member.roles & READERS else "",
            account_url="/account/",
        )
        return staff_page(request, "my_phone/home.html", page, shell_of(request, visitor))


def _hello(visitor: Visitor, mine: tuple[Phone, ...]) -> str:
    name = {"name": visitor.member.first_name}
    if not mine:
        return _("Hello, %(name)s. No phone of yours has joined yet.") % name
    worst = mine[0].standing.status
    text = {
        "ok": _("Hello, %(name)s. Your phone is protected."),
        "fix": _("Hello, %(name)s. Your phone needs one fix."),
        "closed": _("Hello, %(name)s. Records are closed on your phone."),
        "silent": _("Hello, %(name)s. Your phone has not reported lately."),
        "unknown": _("Hello, %(name)s. We cannot tell yet how your phone is."),
    }[worst]
    return text % name


def _tiles(visitor: Visitor, mine: tuple[Phone, ...]) -> tuple[Tile, ...]:
    base = f"{visitor.base}me/"
    status = mine[0].standing.status if mine else None
    phones_text = ngettext("%(count)s phone", "%(count)s phones", len(mine)) % {"count": len(mine)}
    wrong = f"/l/{visitor.practice.lost_code}?lang={visitor.language}"
    return (
        Tile(
            "phone", _("My phone"), phones_text if mine else _("How one joins"), f"{base}phone/", status,
            word(status) if status else "",
        ),
        Tile("ring", _("I have lost my phone"), _("Close its records and lock it"), f"{base}lost/"),
        Tile("flag", _("Something is wrong"), _("For a colleague, or found again"), wrong),
        Tile("key", _("In an emergency"), _("Open records for 30 minutes"), f"{base}emergency/"),
        Tile("user", _("Vouch for a colleague"), _("A code for somebody who lost a phone"), f"{base}vouch/"),
        Tile("eye", _("What we hold about you"), _("Read from the stored rows"), f"{base}held/"),
    )  # fmt: skip


@require_GET
@practice_page(staff=True)
def my_phone(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The visitor's phone: the one named in the address, else the worst."""
    with translation.override(visitor.language):
        found = _mine(visitor, request.GET.get("phone", ""))
        page = my_phone_page(visitor, found, said=take_toast(request))
        return staff_page(request, "my_phone/phone.html", page, shell_of(request, visitor))


def _mine(visitor: Visitor, wanted: str) -> Phone | None:
    mine = my_phones(visitor)
    if not wanted:
        return mine[0] if mine else None
    found = next((phone for phone in mine if phone.public_id == wanted), None)
    if found is None:
        raise Http404
    return found


@require_POST
@practice_page(staff=True)
def check_my_phone(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask one's own phone now how it is."""
    found = _mine(visitor, request.GET.get("phone", ""))
    if found is None:
        raise Http404
    here = HttpResponseRedirect(f"{visitor.base}me/phone/?phone={found.public_id}")
    if found.erased_at is not None:
        # Nothing on it can answer: the page that follows says so.
        return here
    # Not enrolled any more: the page that follows says so.
    with suppress(PocketwardError), translation.override(visitor.language):
        leave_toast(request, ask_one(visitor, found.device.id, most=BY_STAFF))
    return here


@require_GET
@practice_page(staff=True)
def fix(request: HttpRequest, visitor: Visitor, check: str) -> HttpResponse:
    """How to fix one check on one's own phone; back to the phone when it no longer fails."""
    with translation.override(visitor.language):
        found = _mine(visitor, request.GET.get("phone", ""))
        if found is None or check not in posture_api.check_ids():
            raise Http404
        if found.erased_at is not None:
            return HttpResponseRedirect(f"{visitor.base}me/phone/?phone={found.public_id}")
        failing = next(
            (item for item in checks_of(found) if item.id == check and item.result != "pass"), None
        )
        text = text_of(failing, visitor.language) if failing is not None else None
        if failing is None or text is None:
            return HttpResponseRedirect(f"{visitor.base}me/phone/?phone={found.public_id}")
        page = fix_page(visitor, found, failing, text)
        return staff_page(request, "my_phone/fix.html", page, shell_of(request, visitor))


@require_GET
@practice_page(staff=True)
def held(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Everything we hold about the person who reads it."""
    with translation.override(visitor.language):
        page = HeldPage(
            title=_("What we hold about you"),
            say=_("Everything we hold about you."),
            text=_("Read from the stored rows just now, not from a text somebody wrote."),
            groups=(
                _work(visitor), _sign_in(visitor), *_phones_held(visitor), _records(visitor),
                _emergencies(visitor), _cases(visitor), _place(),
            ),
            back_url=f"{visitor.base}me/",
        )  # fmt: skip
        return staff_page(request, "my_phone/held.html", page, shell_of(request, visitor))


def _work(visitor: Visitor) -> HeldGroup:
    person = visitor.member
    sites = practice_api.sites(practice_id=visitor.practice.id)
    lines = (
        HeldLine(_("Name"), person.full_name),
        HeldLine(_("Work e-mail"), person.email or _("none")),
        HeldLine(_("Phone number"), person.phone or _("none")),
        HeldLine(_("Job"), person.job_title or _("none")),
        HeldLine(_("Roles"), role_words(person.roles)),
        *(HeldLine(_("Works at"), site.name) for site in sites if site.id == person.site_id),
        HeldLine(_("Here since"), visitor.clock.long_date(person.joined_at)),
    )
    return HeldGroup(_("You and your work"), "", lines)


def _sign_in(visitor: Visitor) -> HeldGroup:
    account = visitor.signed_in.account_id
    keys = access_api.passkeys(account_id=account)
    sessions = access_api.sessions(account_id=account)
    lines = [HeldLine(_("Passkey"), key.name, visitor.clock.date(key.registered_at)) for key in keys]
    lines += [
        HeldLine(
            _("Open session"), item.ip, _("signed in %(age)s") % {"age": visitor.clock.age(item.started_at)}
        )
        for item in sessions
    ]
    return HeldGroup(
        _("Signing in"),
        _("Sessions end after 12 hours. Your face or finger never leaves your device."),
        tuple(lines),
    )


def _phones_held(visitor: Visitor) -> tuple[HeldGroup, ...]:
    groups = []
    for phone in my_phones(visitor):
        personal = phone.device.ownership == "personal"
        state = fleet_api.device_state(device_id=phone.device.id)
        note = (
            _("Your own phone: only its work side is asked about.")
            if personal
            else _("The practice’s phone.")
        )
        groups.append(
            HeldGroup(phone.device.label, note, held_lines(state, visitor.clock, personal=personal))
        )
    return tuple(groups)


def _records(visitor: Visitor) -> HeldGroup:
    found = access_api.gate_sessions(practice_id=visitor.practice.id, member_id=visitor.member.id)
    lines = tuple(HeldLine(item.app_name, visitor.clock.when(item.started_at)) for item in found)
    note = _(
        "Which app you opened and when. Never which patient. "
        "Each refusal is kept 6 years: the law asks for it."
    )
    return HeldGroup(_("Opening records"), note, lines)


def _emergencies(visitor: Visitor) -> HeldGroup:
    found = access_api.emergencies(practice_id=visitor.practice.id)
    lines = tuple(
        HeldLine(item.app_name, visitor.clock.when(item.opened_at))
        for item in found
        if item.member_id == visitor.member.id
    )
    return HeldGroup(_("Emergency access"), _("With the reason you gave, and an officer’s review."), lines)


def _cases(visitor: Visitor) -> HeldGroup:
    """The cases about the phones that one had when they were reported, and each time one was looked for."""
    practice_id, when, lines = visitor.practice.id, visitor.clock.when, list[HeldLine]()
    cases = {case.case_ref: case for case in incidents_api.cases(practice_id=practice_id)}
    for report in response_api.reports_of_member(practice_id=practice_id, member_id=visitor.member.id):
        case = cases.get(report.case_ref)
        if case is None:
            continue  # it is opened in a moment
        words = _("open") if case.state == "open" else _("closed")
        lines.append(HeldLine(_("Case %(number)s") % {"number": case.number}, words, when(case.opened_at)))
        for ask in response_api.locations(practice_id=practice_id, case_ref=case.case_ref):
            phone = fleet_api.get_device(device_id=ask.device_id).label
            lines.append(HeldLine(_("Asked where %(phone)s is") % {"phone": phone}, when(ask.asked_at)))
    note = _("The privacy officer keeps what was reported and done. Places are erased 30 days after a case.")
    return HeldGroup(_("Cases about your phones"), note, tuple(lines))


def _place() -> HeldGroup:
    notice = response_api.locating_notice(get_language() or "en")
    note = _("Notice, version %(version)s") % {"version": notice.version}
    return HeldGroup(_("Where you are"), notice.text, (HeldLine(note, ""),))
