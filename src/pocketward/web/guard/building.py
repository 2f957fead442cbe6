"""Builds the guard's page from what fleet, rollout and practice say."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import GuardFigures, GuardProposal
from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member
from pocketward.rollout import api as rollout_api
from pocketward.rollout.api import ChangeRecord
from pocketward.web.components.crumbs import FieldError, PlainLine
from pocketward.web.guard.change_words import change_words
from pocketward.web.guard.one_officer import GuardWords, guard_words
from pocketward.web.guard.orders import orders_that_wait
from pocketward.web.guard.pages import GuardPage, WaitingLine
from pocketward.web.guard.waiting import added_up
from pocketward.web.names import Names, names_of
from pocketward.web.phones.waiting import is_second_person
from pocketward.web.setup.server import mail_is_set
from pocketward.web.setup.tabs import setup_tabs
from pocketward.web.visitor import Visitor


def guard_page(
    visitor: Visitor,
    values: Mapping[str, str] | None,
    *,
    prove_url: str,
    errors: tuple[FieldError, ...] = (),
    toast: str = "",
) -> GuardPage:
    """The page; `values` are what was typed into the form, None to show what counts."""
    figures, names = fleet_api.guard_options(), names_of(visitor.practice.id)
    words = guard_words(visitor)
    return GuardPage(
        title=_("Guard"),
        tabs=setup_tabs(visitor, "guard/"),
        say=_say(),
        follow=_(
            "Erasing is a weapon too. What destroys, or closes many phones at once, passes these limits."
        ),
        facts=_facts(figures, words),
        approvers=_approvers(visitor),
        changes=tuple(
            _change(item, visitor, names)
            for item in rollout_api.waiting_changes(practice_id=visitor.practice.id)
        ),
        proposals=tuple(
            _proposal(item, visitor, names)
            for item in fleet_api.guard_proposals(practice_id=visitor.practice.id)
        ),
        values=values if values is not None else _values(figures),
        most=fleet_api.MOST_GUARD_FIGURES,
        orders=orders_that_wait(visitor, names),
        propose_url=f"{visitor.base}setup/guard/propose/" if visitor.may_change else "",
        words=words,
        prove_url=prove_url,
        errors=errors,
        toast=toast,
    )


def _say() -> str:
    if fleet_api.kill_switch_is_on():
        return _("The kill switch is on: nothing destructive leaves this server.")
    return _("Nothing is erased without a second look.")


def _values(figures: GuardFigures) -> dict[str, str]:
    return {name: str(getattr(figures, name)) for name in fleet_api.MOST_GUARD_FIGURES}


def _in_words(figures: GuardFigures) -> str:
    text = _("%(hour)s an hour; a day %(percent)s %% of the phones, but %(least)s at least")
    return text % {
        "hour": figures.per_hour, "percent": figures.percent_per_day, "least": figures.least_per_day,
    }  # fmt: skip


def _facts(figures: GuardFigures, words: GuardWords) -> tuple[PlainLine, ...]:
    switch = _("on") if fleet_api.kill_switch_is_on() else _("off")
    return (
        PlainLine(_("Commands that destroy"), _in_words(figures)),
        PlainLine(
            _("Changes that close more than 5 % of the phones, and more than 3, at once"),
            words.wide_changes,
        ),
        PlainLine(_("Kill switch"), switch if fleet_api.has_kill_switch() else _("no place for it is set")),
        PlainLine(_("Passkey"), _("whoever orders or approves has signed in with one")),
    )


def _approvers(visitor: Visitor) -> tuple[PlainLine, ...]:
    seasoned = fleet_api.seasoned_officers(practice_id=visitor.practice.id)
    lines = [
        PlainLine(
            person.full_name,
            _standing(person, person.id in seasoned),
            f"{visitor.base}people/{public_id('mem', person.id)}/" if visitor.may_change else "",
        )
        for person in practice_api.officers(practice_id=visitor.practice.id)
    ]
    lines += _technicians(visitor)
    if fleet_api.is_alone(practice_id=visitor.practice.id, member_id=visitor.member.id):
        way = _("a stop link is mailed") if mail_is_set() else _("needs mail, for the stop link")
        lines.append(PlainLine(_("Only one officer: each order waits 15 minutes"), way))
    return tuple(lines)


def _standing(person: Member, is_seasoned: bool) -> str:
    """Whether an officer's yes counts, and if not, what it waits for."""
    if person.account_id is None:
        return _("has never signed in, so cannot approve: invite them")
    return _("counts") if is_seasoned else _("counts after 24 hours, as an officer and with this sign-in")


def _technicians(visitor: Visitor) -> list[PlainLine]:
    seasoned = fleet_api.seasoned_technicians(practice_id=visitor.practice.id)
    place = f"{visitor.base}people/provider/" if visitor.may_change else ""
    return [
        PlainLine(
            _("%(name)s of %(provider)s, approves only")
            % {"name": item.full_name, "provider": item.provider},
            _("counts") if item.member_id in seasoned else _("counts 24 hours after being let in"),
            place,
        )
        for item in practice_api.service_grants(practice_id=visitor.practice.id)
        if item.is_live(visitor.clock.now)
    ]


def _asked(visitor: Visitor, names: Names, actor: str, when: str) -> str:
    return _("Asked for by %(who)s, %(when)s.") % {"who": names.actor(actor), "when": when}


def _change(item: ChangeRecord, visitor: Visitor, names: Names) -> WaitingLine:
    place = f"{visitor.base}setup/guard/changes/{item.id}/"
    count = ngettext(
        "Would close %(closes)s of %(of)s phone at once.", "Would close %(closes)s of %(of)s phones at once.",
        item.of,
    )  # fmt: skip
    closing = count % {"closes": item.closes, "of": item.of}
    said = _("A second officer, or the IT provider, must approve it.")
    if item.effective_from is not None:
        said = _("In force %(when)s, unless it is stopped.") % {
            "when": visitor.clock.when(item.effective_from)
        }
    may = item.effective_from is None and is_second_person(visitor, f"member:{item.ordered_by}")
    return WaitingLine(
        title=change_words(item, names),
        detail=" ".join(filter(None, (_effect(item, closing), added_up(item.lately), item.reason))),
        asked=_asked(visitor, names, f"member:{item.ordered_by}", visitor.clock.when(item.ordered_at)),
        state=said,
        approve_url=f"{place}approve/" if may else "",
        cancel_url=f"{place}cancel/" if visitor.may_change else "",
    )


def _effect(item: ChangeRecord, closing: str) -> str:
    """What it would do: close phones, or change who is an officer, which is why it waits."""
    if item.closes:
        return closing
    roles = ", ".join(role.replace("_", " ") for role in item.payload.get("roles", ()))
    return _("Changes who is an officer. Roles then: %(roles)s.") % {"roles": roles or _("none")}


def _proposal(item: GuardProposal, visitor: Visitor, names: Names) -> WaitingLine:
    place = f"{visitor.base}setup/guard/proposals/{item.id}/"
    said = _("A second officer must approve it; it counts 24 hours later.")
    if item.effective_from is not None:
        said = _("Counts %(when)s.") % {"when": visitor.clock.when(item.effective_from)}
    may = item.effective_from is None and visitor.may_change and is_second_person(visitor, item.ordered_by)
    return WaitingLine(
        title=_in_words(item.figures),
        detail="",
        asked=_asked(visitor, names, item.ordered_by, visitor.clock.when(item.made_at)),
        state=said,
        approve_url=f"{place}approve/" if may else "",
        cancel_url=f"{place}cancel/" if visitor.may_change else "",
    )
