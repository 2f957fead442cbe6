"""The checklist's steps and how many are left, from what really stands."""

from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.overview import api as overview_api
from pocketward.web.setup.pages import SetupStep
from pocketward.web.visitor import Visitor


def steps(visitor: Visitor) -> tuple[SetupStep, ...]:
    """Every step in order; the first that is not done is `now`."""
    numbers = overview_api.practice_line(practice_id=visitor.practice.id)
    found = [
        _people(visitor, numbers.people), _roles(visitor, numbers.vacant_roles), _push(visitor),
        _first_phone(visitor, numbers.phones), _card(visitor),
    ]  # fmt: skip
    ordered, next_found = [], False
    for step in found:
        if step.state == "done" or next_found:
            ordered.append(step)
            continue
        next_found = True
        ordered.append(SetupStep(**{**vars(step), "state": "now"}))
    return tuple(ordered)


def steps_left(visitor: Visitor) -> int:
    """How many steps that phones need are not done; the card does not count."""
    return sum(1 for step in steps(visitor) if step.state != "done" and step.key != "card")


def _step(
    key: str, title: str, why: str, minutes: str, needs: str, done: str, url: str, action: str
) -> SetupStep:
    state = "done" if done else "later"
    return SetupStep(key, title, why, minutes, needs, state, done, url, _("Look") if done else action)  # type: ignore[arg-type]


def _people(visitor: Visitor, count: int) -> SetupStep:
    done = _("%(count)s people are here") % {"count": count} if count > 1 else ""
    return _step(
        "people", _("Add the people who work here"),
        _("Records open for named people only. Alone? Skip this."),
        _("2 minutes, or one CSV file"), "", done, f"{visitor.base}people/", _("Add people"),
    )  # fmt: skip


def _roles(visitor: Visitor, vacant: tuple[str, ...]) -> SetupStep:
    done = "" if vacant else _("Every needed role is held")
    return _step(
        "roles", _("Name the officers"),
        _("Privacy, security and IT: who decides, and who is told at night. One person may hold all."),
        _("1 minute"), "", done, f"{visitor.base}people/", _("Name them"),
    )  # fmt: skip


def _push(visitor: Visitor) -> SetupStep:
    certificate = fleet_api.push_certificate(practice_id=visitor.practice.id)
    done = ""
    if certificate is not None:
        done = _("In place until %(day)s") % {"day": visitor.clock.long_date(certificate.not_after)}
    return _step(
        "push", _("Apple’s push certificate"),
        _("Lets this server reach iPhones and iPads. Can wait until the first one joins."),
        _("15 minutes"), _("an Apple account of the practice, and a vendor who signs the request"), done,
        f"{visitor.base}setup/push-certificate/", _("Set it up"),
    )  # fmt: skip


def _first_phone(visitor: Visitor, count: int) -> SetupStep:
    done = _("%(count)s joined") % {"count": count} if count else ""
    return _step(
        "phone", _("The first phone"), _("You watch it join, step by step."),
        _("5 minutes"), _("the phone in hand"), done, f"{visitor.base}phones/add/", _("Add a phone"),
    )  # fmt: skip


def _card(visitor: Visitor) -> SetupStep:
    return _step(
        "card", _("Print the lost-phone card"),
        _("Anyone can report a lost phone with it, from any phone, without signing in."), _("2 minutes"),
        _("a printer"), "", f"{visitor.base}card/", _("Print it"),
    )  # fmt: skip
