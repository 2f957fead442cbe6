"""The pages behind "Set up", as tabs: those that this person may read."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pocketward.web.components.crumbs import Crumb, Tab
from pocketward.web.visitor import Visitor

# Place below setup/ -> word, and whether officers only may read it.
PLACES: Final[Mapping[str, tuple[object, bool]]] = {
    "": (gettext_lazy("Steps"), True),
    "records/": (gettext_lazy("Record systems"), False),
    "networks/": (gettext_lazy("Networks"), False),
    "rules/": (gettext_lazy("Rules"), False),
    "access/": (gettext_lazy("Roles and records"), False),
    "guard/": (gettext_lazy("Guard"), True),
    "practice/": (gettext_lazy("Practice details"), True),
    "push-certificate/": (gettext_lazy("Push certificate"), True),
}


def setup_tabs(visitor: Visitor, here: str) -> tuple[Tab, ...]:
    """The tabs, `here` being the place of this page."""
    if visitor.member.is_technician:
        return (Tab(str(PLACES["guard/"][0]), f"{visitor.base}setup/guard/", here == "guard/"),)
    return tuple(
        Tab(str(word), f"{visitor.base}setup/{place}", place == here)
        for place, (word, officers_only) in PLACES.items()
        if visitor.may_change or not officers_only
    )


def setup_crumbs(visitor: Visitor, place: str, *more: str) -> tuple[Crumb, ...]:
    """The path above a page below one of the tabs."""
    start = Crumb(_("Set up"), f"{visitor.base}setup/" if visitor.may_change else "")
    above = Crumb(str(PLACES[place][0]), f"{visitor.base}setup/{place}")
    return (start, above, *(Crumb(label) for label in more))
