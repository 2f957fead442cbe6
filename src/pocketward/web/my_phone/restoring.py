"""A person answers for their own reported phone: it is here, or it is really lost."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pocketward.access import api as access_api
from pocketward.access.api import PasskeyRecord
from pocketward.kernel.errors import PocketwardError
from pocketward.response import api as response_api
from pocketward.web.components.toasts import leave_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.lost.reporting import network_digest
from pocketward.web.my_phone.views import my_phones
from pocketward.web.phones.reading import Phone
from pocketward.web.visitor import Visitor


@require_POST
@practice_page(staff=True)
def restore(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Open records on one's own phone again, with a fresh passkey that was there before the report.

    Who may is `response`'s to judge; a session of the reported phone itself opens nothing.
    """
    phone = _lost_phone(request, visitor)
    try:
        access_api.require_recent(request)
    except PocketwardError:
        back = f"{visitor.base}me/phone/?phone={phone.public_id}"
        return HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': back})}")
    key = _passkey(visitor)
    try:
        response_api.restore_by_person(
            case_ref=phone.device.lost_case_ref,
            by_member_id=visitor.member.id,
            passkey_is_synced=key is None or key.synced,
            passkey_registered_at=key.registered_at if key is not None else None,
            second_proof=False,
            network=network_digest(str(request.META.get("REMOTE_ADDR", ""))),
            from_reported_device=False,
        )
        said = _("Good. Records open when the phone has reported and passed.")
    except PocketwardError:
        said = _("This passkey cannot do it. An officer opens records again: call the number below.")
    return _back(request, visitor, phone, said)


@require_POST
@practice_page(staff=True)
def confirm(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """It is really lost: from now on only an officer can open records on it."""
    phone = _lost_phone(request, visitor)
    response_api.confirm_loss(case_ref=phone.device.lost_case_ref, by_member_id=visitor.member.id)
    return _back(request, visitor, phone, _("Thank you. An officer takes it from here."))


def _lost_phone(request: HttpRequest, visitor: Visitor) -> Phone:
    wanted = request.GET.get("phone", "")
    found = next((phone for phone in my_phones(visitor) if phone.public_id == wanted), None)
    if found is None or not found.device.lost_case_ref:
        raise Http404
    return found


def _passkey(visitor: Visitor) -> PasskeyRecord | None:
    """The passkey of this sign-in; None when it was another kind of proof."""
    keys = access_api.passkeys(account_id=visitor.signed_in.account_id)
    return next((key for key in keys if key.id == visitor.signed_in.passkey_id), None)


def _back(request: HttpRequest, visitor: Visitor, phone: Phone, said: str) -> HttpResponse:
    leave_toast(request, said)
    place = f"{visitor.base}me/phone/?phone={phone.public_id}&lang={visitor.language}"
    return HttpResponseRedirect(place)
