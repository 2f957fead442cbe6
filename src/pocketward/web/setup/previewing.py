"""What a draft of the rules would do to the phones that are here."""

from collections import Counter

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import DeviceRecord
from pocketward.policy import api as policy_api
from pocketward.posture import api as posture_api
from pocketward.rollout import api as rollout_api
from pocketward.web.components.crumbs import PlainLine
from pocketward.web.guard.waiting import needs_second
from pocketward.web.setup.rules_pages import ChangeLine, Preview
from pocketward.web.visitor import Visitor


def preview_of(visitor: Visitor, text: str) -> Preview:
    """What would change, who feels it, which phones would be closed at once; PolicyRefused."""
    draft = policy_api.draft(practice_id=visitor.practice.id, text=text)
    changes = draft.changes()
    devices = fleet_api.devices(practice_id=visitor.practice.id)
    felt = [
        device
        for device in devices
        if draft.is_felt_by(device_kind=device.kind, ownership=device.ownership, shared=device.shared)
    ]
    closing = frozenset(posture_api.would_close(draft=draft))
    return Preview(
        changes=tuple(ChangeLine(item.before, item.after) for item in changes),
        felt=tuple(
            PlainLine(kind, str(count)) for kind, count in sorted(Counter(map(kind_words, felt)).items())
        ),
        closes=tuple(PlainLine(device.label) for device in devices if device.id in closing),
        say=_say(len(changes), len(felt), len(devices)),
        needs_second=needs_second(rollout_api.width_of(practice_id=visitor.practice.id, closing=closing)),
        left_out=draft.left_out(),
    )


def _say(changes: int, felt: int, of: int) -> str:
    if not changes:
        return _("Nothing would change.")
    rules = ngettext("%(count)s rule would change", "%(count)s rules would change", changes)
    phones = ngettext("%(felt)s of %(of)s phone feels it.", "%(felt)s of %(of)s phones feel it.", of)
    return f"{rules % {'count': changes}}; {phones % {'felt': felt, 'of': of}}"


def kind_words(device: DeviceRecord) -> str:
    """iPad, shared; iPhone, personal."""
    name = {"iphone": "iPhone", "ipad": "iPad"}.get(device.kind, device.kind)
    if device.shared:
        return _("%(kind)s, shared") % {"kind": name}
    if device.ownership == "personal":
        return _("%(kind)s, personal") % {"kind": name}
    return _("%(kind)s, practice-owned") % {"kind": name}
