"""What the guard asks for besides the first officer's word, where there is one officer and where several."""

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.practice import api as practice_api
from pocketward.web.phones.second_yes import has_provider
from pocketward.web.visitor import Visitor

Way = Literal["second", "wait", "provider", "nobody"]


@dataclass(frozen=True)
class GuardWords:
    """Sentences for lists that hold nothing, for wide changes, and for the form of other limits."""

    no_orders: str
    no_changes: str
    wide_changes: str
    propose: str


def guard_words(visitor: Visitor) -> GuardWords:
    """The words that are true in this practice as it stands."""
    way = _way(visitor)
    return GuardWords(_no_orders(way), _no_changes(way), _wide_changes(way), _propose(way))


def _way(visitor: Visitor) -> Way:
    """Whose yes an order needs: another officer's, time and a stop link, the IT provider's, or none here."""
    practice_id = visitor.practice.id
    officers = [item for item in practice_api.officers(practice_id=practice_id) if item.account_id]
    mine = [item for item in officers if item.id == visitor.member.id]
    only = [
        item for item in mine or officers if fleet_api.is_alone(practice_id=practice_id, member_id=item.id)
    ]
    if not only:
        return "second"
    if any(fleet_api.has_second_channel(member_id=item.id) for item in only):
        return "wait"
    if has_provider(visitor):
        return "provider"
    # An officer whose yes counts from tomorrow: an order waits for it.
    return "second" if len(officers) > 1 else "nobody"


def _no_orders(way: Way) -> str:
    return {
        "second": _(
            "None. An order to erase a phone, or to remove its work data, waits here until somebody else "
            "approves it."
        ),
        "wait": _(
            "None. There is one officer: an order to erase a phone, or to remove its work data, waits here "
            "for 15 minutes and then leaves, unless it is stopped."
        ),
        "provider": _(
            "None. There is one officer: an order to erase a phone, or to remove its work data, waits here "
            "until your IT provider approves it."
        ),
        "nobody": _(
            "None. There is one officer, and nobody who could approve an erase or stop it: set up mail, or "
            "name a second officer."
        ),
    }[way]


def _no_changes(way: Way) -> str:
    return {
        "second": _("None. A change that would close many phones at once waits here for a second officer."),
        "wait": _(
            "None. A change that would close many phones at once waits here for 15 minutes, and can be "
            "stopped until then."
        ),
        "provider": _("None. A change that would close many phones at once waits here for your IT provider."),
        "nobody": _(
            "None. A change that would close many phones at once is refused until you have done that."
        ),
    }[way]


def _wide_changes(way: Way) -> str:
    return {
        "second": _("a second officer, then 10 minutes"),
        "wait": _("15 minutes, with a stop link"),
        "provider": _("your IT provider, then 10 minutes"),
        "nobody": _("refused: no second officer, no mail, no IT provider"),
    }[way]


def _propose(way: Way) -> str:
    if way == "second":
        return _(
            "A second officer approves, and it counts 24 hours later. Anybody who is an officer can take it "
            "back before."
        )
    return _(
        "You are the only officer: it counts 24 hours after you propose it. You can take it back before."
    )
