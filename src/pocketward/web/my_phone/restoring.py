"""A person answers for their own reported phone: it is here, or it is really lost."""

from typing import Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from pocketward.access import api as access_api
from pocketward.access.api import PasskeyRecord
from pocketward.kernel.errors import PocketwardError
from pocketward.response import api as response_api
from pocketward.response.errors import NoSuchReport, RestoreRefused
from pocketward.web.components.toasts import leave_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.my_phone.views import my_phones
from pocketward.web.phones.reading import Phone
from pocketward.web.sender import network_of_sender
from pocketward.web.visitor import Visitor

REFUSALS: Final = {
    "weak_proof": gettext_lazy(
        "This passkey alone cannot do it. Add a recovery code, or a colleague’s code. "
        "Or call the number below."
    ),
    "too_soon": gettext_lazy("You did this within the last 24 hours. Now an officer opens records again."),
    "erased": gettext_lazy("It is erased, and that is proven. It opens nothing until it has joined again."),
    "confirmed": gettext_lazy("The loss was confirmed. Only an officer can open records again."),
    "reported_phone": gettext_lazy(
        "Not from the reported phone, or from its network. "
        "Use another device elsewhere, or call the number below."
    ),
}


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
    try:
        response_api.restore_by_person(
            case_ref=phone.device.lost_case_ref,
            by_member_id=visitor.member.id,
            proof=_proof(request, visitor),
        )
        said = _("Good. Records open when the phone has reported and passed.")
    except RestoreRefused as refused:
        said = str(REFUSALS.get(refused.why, REFUSALS["confirmed"]))
    return _back(request, visitor, phone, said)


def _proof(request: HttpRequest, visitor: Visitor) -> response_api.PersonalProof:
    """What this request proves of the person, and where it comes from."""
    key = _passkey(visitor)
    return response_api.PersonalProof(
        account_id=visitor.signed_in.account_id,
        passkey_is_synced=key is None or key.synced,
        passkey_registered_at=key.registered_at if key is not None else None,
        network=network_of_sender(request),
        device_ids=access_api.devices_of_sign_in(
            practice_id=visitor.practice.id, session_key=visitor.signed_in.session_key
        ),
        code=request.POST.get("code", "")[:20],
    )


@require_POST
@practice_page(staff=True)
def confirm(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """It is really lost: from now on only an officer can open records on it."""
    phone = _lost_phone(request, visitor)
    try:
        response_api.confirm_loss(case_ref=phone.device.lost_case_ref, by_member_id=visitor.member.id)
    except NoSuchReport:
        return _back(request, visitor, phone, _("That report is over. If it is lost again, report it anew."))
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
