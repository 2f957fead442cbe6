"""The last act on a held phone: its management certificate is revoked, and nothing reaches it any more."""

from django.utils.translation import gettext as _

from pocketward.response import api as response_api
from pocketward.web.incidents.pages import Confirm, GiveUp
from pocketward.web.incidents.reading import CaseFacts
from pocketward.web.visitor import Visitor


def give_up(visitor: Visitor, facts: CaseFacts, place: str) -> GiveUp | None:
    """What an officer may do to the first phone of the case that is held and can still be told things."""
    case_ref = facts.report.case_ref
    able = [
        device
        for device in facts.devices
        if response_api.may_be_given_up(case_ref=case_ref, device_id=device.id)
    ]
    if not visitor.may_change or not able:
        return None
    names = {"phone": able[0].label, "practice": visitor.practice.name}
    consequence = _("After this the phone can no longer be locked or erased.")
    label = _("Revoke the management certificate")
    confirm = Confirm(
        key="give-up",
        title=_("Revoke the management certificate of %(phone)s at %(practice)s") % names,
        lines=(
            consequence,
            _("It cannot be undone. If the phone ever joins again, an erase that is not proven comes first."),
            _("The officers and the ledger are told."),
        ),
        type_name=able[0].label,
        button=label,
        keep=_("Do not do it"),
    )
    return GiveUp(consequence, f"{place}management/", label, confirm)
