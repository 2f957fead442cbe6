"""Whose phone is it? The officer's answer to a report that fits nobody, or several."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pocketward.fleet import api as fleet_api
from pocketward.fleet.errors import NoSuchDevice
from pocketward.kernel.ids import parse_public_id
from pocketward.practice import api as practice_api
from pocketward.practice.errors import NoSuchMember
from pocketward.response import api as response_api
from pocketward.web.gatekeeping import practice_page
from pocketward.web.incidents.reading import CaseFacts
from pocketward.web.incidents.views import act_in_case
from pocketward.web.visitor import Visitor


@require_POST
@practice_page()
def whose(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """An officer says whose phone it is: its records close, as if the report had fit."""

    def act(facts: CaseFacts) -> str:
        member_id, device_id = _chosen(visitor, request.POST.get("who", ""))
        response_api.identify_loss(
            case_ref=case_ref, by_member_id=visitor.member.id, member_id=member_id, device_id=device_id
        )
        return _("Closed. Only an officer can open records again.")

    return act_in_case(request, visitor, case_ref, act)


def _chosen(visitor: Visitor, text: str) -> tuple[UUID | None, UUID | None]:
    """The person or the tablet behind a button; 404 when there is none in this practice."""
    try:
        if text.startswith("mem_"):
            person = practice_api.get_member(member_id=parse_public_id("mem", text))
            member_id, device_id, practice_id = person.id, None, person.practice_id
        else:
            device = fleet_api.get_device(device_id=parse_public_id("dev", text))
            member_id, device_id, practice_id = None, device.id, device.practice_id
    except (ValueError, NoSuchMember, NoSuchDevice) as error:
        raise Http404 from error
    if practice_id != visitor.practice.id:
        raise Http404
    return member_id, device_id
