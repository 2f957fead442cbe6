"""The stop link: GET shows a form, POST stops. No sign-in; it names no person, no phone and no app."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from pocketward.fleet import api as fleet_api
from pocketward.kernel.errors import PocketwardError
from pocketward.practice import api as practice_api
from pocketward.rollout import api as rollout_api
from pocketward.spine.api import practice_scope, unit_of_work
from pocketward.web.components.language import language_of
from pocketward.web.components.render import staff_page
from pocketward.web.notices import say
from pocketward.web.sign_in.pages import LinkPage
from pocketward.web.surroundings import staff_shell

# Who acts is whoever holds the link; the ledger says no more than that.
BY_LINK = "anonymous:stop-link"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, secret: str) -> HttpResponse:
    """What waits, with one button; used up, too late and never there are answered with the same words."""
    language = language_of(request)
    with translation.override(language):
        subject = _subject(secret)
        if subject is None:
            return _too_late(request)
        if request.method == "POST":
            return _stopped(request) if _stop(secret, *subject) else _too_late(request)
        page = LinkPage(
            title=_("Stop it?"),
            action=request.path,
            say=_("Stop this order?"),
            text=_(
                "An order that cannot be taken back once it has left is waiting. If you did not give it, "
                "stop it now, then look at who is signed in. Stopping does no harm: it can be ordered again."
            ),
            button=_("Stop it"),
        )
        return staff_page(request, "sign_in/link.html", page, staff_shell(request, language, None))


def _subject(secret: str) -> tuple[UUID, UUID] | None:
    """(practice, what would be stopped) of a link that is still good, while it can be stopped."""
    try:
        target = practice_api.look_at_link(secret=secret, purpose=practice_api.STOP_LINK)
    except PocketwardError:
        return None
    if target.practice_id is None or target.subject_id is None:
        return None
    with practice_scope(target.practice_id):
        waits = fleet_api.can_stop(command_id=target.subject_id) or target.subject_id in {
            change.id for change in rollout_api.waiting_changes(practice_id=target.practice_id)
        }
    return (target.practice_id, target.subject_id) if waits else None


def _stop(secret: str, practice_id: UUID, subject_id: UUID) -> bool:
    with practice_scope(practice_id):
        return unit_of_work(_spend)(secret, subject_id)


def _spend(secret: str, subject_id: UUID) -> bool:
    """Stop, and spend the link, in one transaction; whether it could still be stopped."""
    try:
        if not fleet_api.stop_command(command_id=subject_id, by=BY_LINK):
            rollout_api.cancel_change(change_id=subject_id, by=BY_LINK)
        practice_api.spend_link(secret=secret, purpose=practice_api.STOP_LINK)
    except PocketwardError:
        return False
    return True


def _stopped(request: HttpRequest) -> HttpResponse:
    return say(
        request,
        title=_("Stopped."),
        text=_("It will not leave. If you did not give this order, end the other sessions of your account."),
        url="/",
        link=_("To the start"),
        mark="open",
    )


def _too_late(request: HttpRequest) -> HttpResponse:
    return say(
        request,
        title=_("There is nothing to stop here."),
        text=_("It was stopped already, it has left, or this address never was a link of ours."),
        status=410,
        url="/",
        link=_("To the start"),
    )
