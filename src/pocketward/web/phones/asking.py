"""Asking a phone how it is, now: by whoever uses it and by officers."""

from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.web.visitor import Visitor

# What changes often; and the long lists, which are for one phone that somebody waits for.
HEALTH: Final = ("DeviceInformation", "SecurityInfo")
APPS: Final = ("ManagedApplicationList", "InstalledApplicationList")
# How often one phone may be asked in five minutes, each time after it has answered the time before: whoever
# mends several things looks after each.
BY_STAFF, BY_OFFICERS = 10, 30


def ask_one(visitor: Visitor, device_id: UUID, *, most: int) -> str:
    """Ask the questions whose answers the checks read, `most` times in five minutes; what to say of it."""
    if fleet_api.ask_now(device_id=device_id, request_types=HEALTH + APPS, by=visitor.actor, most=most):
        return _("Asked. It answers when it is online.")
    return _("It was asked a moment ago. Its answer comes by itself when it is online.")
