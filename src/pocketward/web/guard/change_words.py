"""What a change that waits would do, in a few words."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pocketward.access import api as access_api
from pocketward.access.errors import AccessError
from pocketward.rollout.api import ChangeRecord
from pocketward.web.names import Names

# Kind of change -> its title; what it names stands in `name`.
WORDS: Final = {
    "policy": gettext_lazy("Other rules for phones"),
    "matrix": gettext_lazy("Other roles and records"),
    "mode": gettext_lazy("Enforce %(name)s"),
    "app": gettext_lazy("Other addresses or another door of %(name)s"),
    "removal": gettext_lazy("Take %(name)s off the list"),
    "permit": gettext_lazy("End a permit for devices that are not checked"),
    "network": gettext_lazy("Other addresses of the network %(name)s"),
    "roles": gettext_lazy("Other roles of %(name)s"),
    "leaving": gettext_lazy("%(name)s leaves: every role ends"),
}


def change_words(item: ChangeRecord, names: Names) -> str:
    """The title of a change that waits."""
    return str(WORDS[item.what]) % {"name": _name(item, names)}


def _name(item: ChangeRecord, names: Names) -> str:
    if "member_id" in item.payload:
        return names.person(item.payload["member_id"])
    if "zone" in item.payload:
        return str(item.payload["zone"])
    if "app_id" not in item.payload:
        return ""
    try:
        return access_api.get_app(app_id=item.payload["app_id"]).name
    except AccessError:
        return _("a record system")
