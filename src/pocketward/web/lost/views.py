"""Reporting a lost phone without signing in: `/lost` and `/l/<code>`.

No cookie, no script, nothing stored by the browser. Every report is answered alike, after the same time
(`config.even_answers`), so that neither the words nor the clock tell whether a name is known.
"""

from typing import Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from pocketward.kernel import clock as product_clock
from pocketward.kernel.errors import PocketwardError
from pocketward.practice import api as practice_api
from pocketward.practice.api import PracticeRecord
from pocketward.spine.api import practice_scope
from pocketward.web.components.clock import Clock
from pocketward.web.components.language import Language, language_of
from pocketward.web.components.render import staff_page
from pocketward.web.lost.form import read_answers
from pocketward.web.lost.pages import AskPage, CodePage, DonePage, ask_page, code_page, done_page
from pocketward.web.lost.reporting import pass_on
from pocketward.web.sender import network_of_sender
from pocketward.web.surroundings import call_instead, staff_shell

FROM_ELSEWHERE: Final = ("cross-site", "same-site")


@require_GET
def lost(request: HttpRequest) -> HttpResponse:
    """Without a code: the one practice of this server, or the question for the code on the card."""
    language = language_of(request)
    typed = request.GET.get("code", "").strip()
    everything = practice_api.practices()
    if not typed and len(everything) == 1:
        return HttpResponseRedirect(f"{_place(everything[0])}?lang={language}")
    if typed:
        try:
            found = practice_api.practice_by_lost_code(code=typed)
        except PocketwardError:
            found = None
        if found is not None:
            return HttpResponseRedirect(f"{_place(found)}?lang={language}")
    return _code_page(request, language, unknown=bool(typed))


@csrf_exempt  # there is no session to ride on: anybody may report, and a form token would need a cookie
@require_http_methods(["GET", "HEAD", "POST"])
def lost_here(request: HttpRequest, code: str) -> HttpResponse:
    """The report page of the practice whose card says `code`."""
    language = language_of(request)
    try:
        practice = practice_api.practice_by_lost_code(code=code)
    except PocketwardError:
        return _code_page(request, language, unknown=True)
    with translation.override(language), practice_scope(practice.id):
        if request.method != "POST":
            return _page(
                request, "lost/ask.html", ask_page(action=_action(practice, language)), practice, language
            )
        return _take(request, practice, language)


def _take(request: HttpRequest, practice: PracticeRecord, language: Language) -> HttpResponse:
    answers = read_answers(request.POST)
    action = _action(practice, language)
    if answers.wish == "edit" or answers.is_empty or _sent_by_another_site(request):
        asked = ask_page(action=action, answers=answers, incomplete=answers.is_empty)
        return _page(request, "lost/ask.html", asked, practice, language)
    received_at = pass_on(practice, answers, network=network_of_sender(request))
    clock = Clock(product_clock.now(), ZoneInfo(practice.zone), language)
    page = done_page(
        action=action, answers=answers, number=call_instead(practice), clock=clock, received_at=received_at
    )
    return _page(request, "lost/done.html", page, practice, language)


def _sent_by_another_site(request: HttpRequest) -> bool:
    """Whether a page elsewhere made this browser send the form: then a person looks at it and taps once."""
    return request.headers.get("Sec-Fetch-Site", "") in FROM_ELSEWHERE


def _place(practice: PracticeRecord) -> str:
    return reverse("lost-here", args=[practice.lost_code])


def _action(practice: PracticeRecord, language: Language) -> str:
    return f"{_place(practice)}?lang={language}"


def _page(
    request: HttpRequest,
    template: str,
    page: AskPage | DonePage,
    practice: PracticeRecord,
    language: Language,
) -> HttpResponse:
    shell = staff_shell(request, language, practice, leaves_no_trace=True)
    # Rendered without the request: no form token, so no cookie.
    return staff_page(None, template, page, shell)


def _code_page(request: HttpRequest, language: Language, *, unknown: bool) -> HttpResponse:
    with translation.override(language):
        page: CodePage = code_page(action=reverse("lost"), unknown=unknown)
    shell = staff_shell(request, language, None, leaves_no_trace=True)
    return staff_page(None, "lost/code.html", page, shell, status=404 if unknown else 200)
