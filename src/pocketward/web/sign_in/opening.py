"""Taking a sign-in to an app behind the gate: `/open/<app id>` hands over a one-time code."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from pocketward.access import api as access_api
from pocketward.access.api import AppRecord, SignedIn
from pocketward.kernel.errors import PocketwardError
from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.practice.api import PracticeRecord
from pocketward.spine.api import practice_scope
from pocketward.web.gatekeeping import to_sign_in
from pocketward.web.sign_in.views import practices_of


@require_GET
def open_app(request: HttpRequest, app_id: UUID) -> HttpResponse:
    """Sign in if need be, then go to the app's own host with a code that works once, for a minute."""
    person = access_api.signed_in(request)
    if person is None:
        return to_sign_in(request)
    if person.strength == "link":
        return HttpResponseRedirect(reverse("passkey"))
    for practice in practices_of(person.account_id):
        with practice_scope(practice.id):
            try:
                app = access_api.get_app(app_id=app_id)
            except PocketwardError:
                continue
            return HttpResponseRedirect(_address(practice, app, person))
    raise Http404


def _address(practice: PracticeRecord, app: AppRecord, person: SignedIn) -> str:
    member_id = practice_api.member_of_account(practice_id=practice.id, account_id=person.account_id)
    if member_id is None or practice_api.get_member(member_id=member_id).is_technician:
        raise Http404
    if not app.hosts or app.is_removed:
        raise Http404
    code = access_api.issue_code(
        app_id=app.id,
        member_id=member_id,
        strength=person.strength,
        auth_at=person.auth_at,
        session_key=person.session_key,
    )
    return f"{app.origin}/.pocketward/session?code={public_id('prac', practice.id)}.{code}"
