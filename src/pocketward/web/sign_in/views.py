"""Coming in and going out. The proofs themselves are `access`'s; these views only ask and show."""

import json
from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pocketward.access import api as access_api
from pocketward.kernel.errors import PocketwardError
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import practice_scope
from pocketward.web.components.asked import read_number
from pocketward.web.components.crumbs import PlainLine
from pocketward.web.components.language import Language, language_of
from pocketward.web.components.render import staff_page
from pocketward.web.notices import say, say_refused
from pocketward.web.sign_in.browsers import browser_words
from pocketward.web.sign_in.pages import (
    AccountPage,
    LinkPage,
    OnwardPage,
    PasskeyLine,
    PasskeyPage,
    SessionLine,
    SignInPage,
)
from pocketward.web.sign_in.times import plain_clock
from pocketward.web.surroundings import staff_shell

# Where a sign-in is taken to the host of a record system.
OPENING = "/open/"


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The passkey button, and password with code where a practice allows it."""
    with translation.override(language_of(request)):
        if request.method == "POST":
            return _try_to_enter(request)
        return _sign_in_page(request)


def _try_to_enter(request: HttpRequest) -> HttpResponse:
    credential = request.POST.get("credential", "")
    try:
        if credential:
            access_api.finish_passkey_sign_in(request, credential_text=credential)
        else:
            access_api.sign_in_with_password(
                request,
                email=request.POST.get("email", ""),
                password=request.POST.get("password", ""),
                code=request.POST.get("code", ""),
            )
    except PocketwardError as error:
        return _sign_in_page(request, error=_(error.sentence), status=400)
    return _go_on(request, _next(request))


def _go_on(request: HttpRequest, place: str) -> HttpResponse:
    """To where they wanted to go.

    A browser lets no form lead to another host, not by redirects either (our own policy says `form-action
    'self'`): on the way to a record system a page goes on by itself instead.
    """
    if not place.startswith(OPENING):
        return HttpResponseRedirect(place)
    said, text = _("You are signed in."), _("Your records open in a moment.")
    return _onward(request, title=_("Sign in"), said=said, text=text, url=place)


def _onward(request: HttpRequest, *, title: str, said: str, text: str, url: str) -> HttpResponse:
    """A page that goes on by itself; texts are translated already."""
    page = OnwardPage(title=title, say=said, text=text, url=url, link=_("Go on"))
    return staff_page(request, "sign_in/onward.html", page, staff_shell(request, language_of(request), None))


def _sign_in_page(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    language = language_of(request)
    only = _only_practice()
    page = SignInPage(
        title=_("Sign in"),
        action=reverse("sign-in"),
        options=json.dumps(access_api.begin_passkey_sign_in(request)),
        next_url=_next(request),
        password=any(practice.password_allowed for practice in practice_api.practices()),
        lost_url=f"/l/{only.lost_code}" if only else reverse("lost"),
        error=error,
        email=request.POST.get("email", ""),
    )
    shell = staff_shell(request, language, only)
    return staff_page(request, "sign_in/sign_in.html", page, shell, status=status, passkey=True)


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    return wanted if safe and wanted.startswith("/") else "/"


def _only_practice() -> PracticeRecord | None:
    everything = practice_api.practices()
    return everything[0] if len(everything) == 1 else None


@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session and what it opened; nothing stays in the browser.

    GET asks first: it is where the icon on a shared tablet's home screen leads.
    """
    if request.method == "GET":
        with translation.override(language_of(request)):
            return _leave_page(request)
    way = access_api.sign_out(request)
    with translation.override(language_of(request)):
        answer = _on_its_way(request, way) if way else HttpResponseRedirect(reverse("sign-in"))
    answer["Clear-Site-Data"] = '"cache", "storage"'
    # By name: "cookies" would reach every other site under the practice's domain.
    for name in request.COOKIES:
        answer.delete_cookie(name)
    return answer


def _on_its_way(request: HttpRequest, way: str) -> HttpResponse:
    """Past the record systems' own hosts."""
    text = _("What the record systems left in this browser is taken away now.")
    return _onward(request, title=_("Sign out"), said=_("You are signed out."), text=text, url=way)


def _leave_page(request: HttpRequest) -> HttpResponse:
    if access_api.signed_in(request) is None:
        return HttpResponseRedirect(reverse("sign-in"))
    page = LinkPage(
        title=_("Hand over"),
        action=reverse("sign-out"),
        say=_("Hand this tablet over?"),
        text=_("Records close at once, and nothing of yours stays. The next person signs in."),
        button=_("Sign out of everything here"),
    )
    return staff_page(request, "sign_in/link.html", page, staff_shell(request, language_of(request), None))


@require_http_methods(["GET", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """Register a passkey for the account of this session."""
    person = access_api.signed_in(request)
    if person is None:
        return HttpResponseRedirect(reverse("sign-in"))
    with translation.override(language_of(request, person.language)):
        error = ""
        if request.method == "POST":
            try:
                access_api.finish_passkey_registration(
                    request,
                    credential_text=request.POST.get("credential", ""),
                    name=request.POST.get("name", ""),
                )
            except PocketwardError as fault:
                error = _(fault.sentence)
            else:
                return HttpResponseRedirect("/" if person.strength == "link" else reverse("account"))
        return _passkey_page(request, person, error)


def _passkey_page(request: HttpRequest, person: access_api.SignedIn, error: str) -> HttpResponse:
    first = not access_api.passkeys(account_id=person.account_id)
    try:
        options = access_api.begin_passkey_registration(request)
    except PocketwardError:
        return HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': reverse('passkey')})}")
    page = PasskeyPage(
        title=_("Your passkey"),
        action=reverse("passkey"),
        options=json.dumps(options),
        first=first,
        say=_("Make your passkey.") if first else _("Add a passkey."),
        error=error,
        name=request.POST.get("name", ""),
    )
    shell = staff_shell(request, language_of(request, person.language), _only_practice())
    status = 400 if error else 200
    return staff_page(request, "sign_in/passkey.html", page, shell, passkey=True, status=status)


@require_http_methods(["GET"])
def account(request: HttpRequest) -> HttpResponse:
    """One's own passkeys and sessions."""
    person = access_api.signed_in(request)
    if person is None:
        return HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': request.path})}")
    language = language_of(request, person.language)
    with translation.override(language):
        page = _account_page(person, language, request.session.session_key or "")
        return staff_page(
            request, "sign_in/account.html", page, staff_shell(request, language, _only_practice())
        )


def _account_page(person: access_api.SignedIn, language: Language, key: str) -> AccountPage:
    clock = plain_clock(language)
    return AccountPage(
        title=_("Your passkeys and sessions"),
        email=person.email,
        passkeys=tuple(
            PasskeyLine(
                item.name,
                _("May be copied to your other devices") if item.synced else _("Lives on this one device"),
                clock.date(item.registered_at),
            )
            for item in access_api.passkeys(account_id=person.account_id)
        ),
        sessions=tuple(
            SessionLine(
                item.id,
                browser_words(item.browser),
                _("signed in %(age)s, from %(ip)s") % {"age": clock.age(item.started_at), "ip": item.ip},
                item.is_current,
            )
            for item in access_api.sessions(account_id=person.account_id, current_key=key)
        ),
        add_url=reverse("passkey"),
        end_url=reverse("end-session"),
        sign_out_url=reverse("sign-out"),
        password_url=reverse("password")
        if access_api.password_is_allowed(account_id=person.account_id)
        else "",
        recovery_url=reverse("recovery"),
        homes=tuple(
            PlainLine(practice.name, "", f"/p/{practice.slug}/")
            for practice in practices_of(person.account_id)
        ),
    )


def practices_of(account_id: object) -> tuple[PracticeRecord, ...]:
    """The practices this account works in, by name."""
    everything = {practice.id: practice for practice in practice_api.practices()}
    found = practice_api.memberships(account_id=account_id, practice_ids=tuple(everything))  # type: ignore[arg-type]
    return tuple(everything[practice_id] for practice_id, _member in found)


@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """End one of one's other sessions."""
    person = access_api.signed_in(request)
    wanted = read_number(request.POST.get("session", ""))
    if person is not None and wanted is not None:
        access_api.end_session(account_id=person.account_id, session_id=wanted)
    return HttpResponseRedirect(reverse("account"))


@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """An invitation: GET shows what it is, POST spends it."""
    person = _invited(secret)
    language = language_of(request, person.language if person else "")
    with translation.override(language):
        found = _invitation(request, person) if person else None
        return _spend(request, lambda: access_api.join(request, secret=secret), found, language)


@require_http_methods(["GET", "POST"])
def demo(request: HttpRequest, secret: str) -> HttpResponse:
    """The demo's sign-in link: GET shows the practice and its phone count, POST signs in."""
    language = language_of(request)
    with translation.override(language):
        found = _demo_link(request, secret)
        if found is None:
            return link_is_spent(request, _("It works once. “pocketward owner-link” prints another one."))
        return _spend(request, lambda: access_api.enter_demo(request, secret=secret), found, language)


def _spend(
    request: HttpRequest,
    enter: Callable[[], PracticeRecord],
    found: tuple[LinkPage, PracticeRecord] | None,
    language: Language,
) -> HttpResponse:
    if found is None:
        return link_is_spent(request)
    if request.method == "POST":
        try:
            practice = enter()
        except PocketwardError as error:
            return say_refused(request, error, preferred=language)
        return HttpResponseRedirect(f"/p/{practice.slug}/")
    link, of = found
    return staff_page(request, "sign_in/link.html", link, staff_shell(request, language, of))


def link_is_spent(request: HttpRequest, way: str = "") -> HttpResponse:
    """The same words for a link that was used, that is too old, and that never was; `way` to another one."""
    return say(
        request,
        title=_("This link is used up."),
        text=way or _("A link works once and not for long. Ask the person who gave it to you for a new one."),
        status=410,
        url=reverse("sign-in"),
        link=_("Sign in"),
    )


def _invited(secret: str) -> Member | None:
    """Whom an invitation is for; None when it is no longer good."""
    try:
        target = access_api.look_at_invitation(secret=secret)
    except PocketwardError:
        return None
    if target.practice_id is None or target.member_id is None:
        return None
    with practice_scope(target.practice_id):
        return practice_api.get_member(member_id=target.member_id)


def _invitation(request: HttpRequest, person: Member) -> tuple[LinkPage, PracticeRecord]:
    practice = practice_api.get_practice(practice_id=person.practice_id)
    names = {"name": person.first_name, "practice": practice.name}
    link = LinkPage(
        title=_("Join"),
        action=request.path,
        say=_("%(name)s, join %(practice)s.") % names,
        text=_("Next you make a passkey on this device. The invitation works once."),
        button=_("Go on"),
    )
    return link, practice


def _demo_link(request: HttpRequest, secret: str) -> tuple[LinkPage, PracticeRecord] | None:
    try:
        target = practice_api.look_at_link(secret=secret, purpose=practice_api.DEMO_SIGN_IN)
    except PocketwardError:
        return None
    if target.practice_id is None or settings.POCKETWARD.world != "demo":
        return None
    practice = practice_api.get_practice(practice_id=target.practice_id)
    link = LinkPage(
        title=_("Demo"),
        action=request.path,
        say=_("This is %(practice)s, a pretend clinic.") % {"practice": practice.name},
        text=_demo_text(practice),
        button=_("Look around as its owner"),
    )
    return link, practice


def _demo_text(practice: PracticeRecord) -> str:
    from pocketward.web.attention import phone_count

    with practice_scope(practice.id):
        count = phone_count(practice.id)
    return _("%(count)s pretend phones and tablets, real protocols. Nothing here leaves this computer.") % {
        "count": count
    }


def root(request: HttpRequest) -> HttpResponse:
    """The start: to the one practice, the choice of practices, sign-in, or the words of the first run."""
    with translation.override(language_of(request)):
        person = access_api.signed_in(request)
        if person is None:
            if not practice_api.owner_exists():
                return say(
                    request,
                    title=_("Nobody owns this server yet."),
                    text=_("Open the setup link that the terminal shows. It works once, for 30 minutes."),
                )
            return HttpResponseRedirect(reverse("sign-in"))
        if person.strength == "link":
            return HttpResponseRedirect(reverse("passkey"))
        mine = practices_of(person.account_id)
        if len(mine) == 1:
            return HttpResponseRedirect(f"/p/{mine[0].slug}/")
        return HttpResponseRedirect(reverse("account"))
