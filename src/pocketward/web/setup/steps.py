"""The checklist's steps and how many are left, from what really stands."""

from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext as _

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.overview import api as overview_api
from pocketward.policy import api as policy_api
from pocketward.practice import api as practice_api
from pocketward.web.setup.pages import SetupStep
from pocketward.web.setup.server import last_backup, mail_is_set
from pocketward.web.visitor import Visitor

MANAGED_HERE = 2  # from this level of adoption on, phones are managed by this server


def steps(visitor: Visitor) -> tuple[SetupStep, ...]:
    """Every step of this practice's level in order; the first that is not done is `now`."""
    found = [make(visitor) for make in _steps_of(visitor)]
    ordered, next_found = [], False
    for step in found:
        if step.state == "done" or next_found:
            ordered.append(step)
            continue
        next_found = True
        ordered.append(SetupStep(**{**vars(step), "state": "now"}))
    return tuple(ordered)


def steps_left(visitor: Visitor) -> int:
    """How many steps are not done without which no record opens on a checked phone."""
    needed = (make(visitor) for make in _steps_of(visitor) if make in _NEEDED)
    return sum(1 for step in needed if step.state != "done")


def _steps_of(visitor: Visitor) -> tuple[Callable[[Visitor], SetupStep], ...]:
    is_managed = visitor.practice.adoption_level >= MANAGED_HERE
    phones = (_rules, _push, _first_phone) if is_managed else ()
    return (_people, _roles, _on_call, _records, *phones, _mail, _backup, _card)


def _step(
    key: str,
    title: str,
    why: str,
    minutes: str,
    needs: str,
    done: str,
    url: str,
    action: str,
    waits: str = "",
) -> SetupStep:
    state = "done" if done else "later"
    label = _("Look") if done else action
    return SetupStep(key, title, why, minutes, needs, state, done, url, label, waits)  # type: ignore[arg-type]


def _people(visitor: Visitor) -> SetupStep:
    count = overview_api.practice_line(practice_id=visitor.practice.id).people
    done = _("%(count)s people are here") % {"count": count} if count > 1 else ""
    return _step(
        "people", _("Add the people who work here"),
        _("Records open for named people only. Alone? Skip this."),
        _("2 minutes, or one CSV file"), "", done, f"{visitor.base}people/", _("Add people"),
        _("Until then nobody but you gets in, and nobody’s phone can be reported by name."),
    )  # fmt: skip


def _roles(visitor: Visitor) -> SetupStep:
    vacant = practice_api.vacant_roles(practice_id=visitor.practice.id)
    done = "" if vacant else _("Every needed role is held")
    return _step(
        "roles", _("Name the officers"),
        _("Privacy, security and IT: who decides, and who is told at night. One person may hold all."),
        _("1 minute"), "", done, f"{visitor.base}people/", _("Name them"),
        _("Until then nobody answers for it, and an auditor will ask who does."),
    )  # fmt: skip


def _on_call(visitor: Visitor) -> SetupStep:
    called = practice_api.on_call_list(practice_id=visitor.practice.id)
    number = visitor.practice.emergency_phone or visitor.practice.front_desk_phone
    done = ""
    if called and number:
        done = _("%(name)s is called first; %(number)s is on the card") % {
            "name": called[0].full_name, "number": number,
        }  # fmt: skip
    return _step(
        "on-call", _("Say who is called, and a number to call"),
        _("A lost phone calls them in this order, at any hour."),
        _("2 minutes"), "", done, f"{visitor.base}setup/practice/#on_call", _("Set the order"),
        _("Until then whoever reports a phone has no number to call when nobody calls back."),
    )  # fmt: skip


def _records(visitor: Visitor) -> SetupStep:
    found = access_api.apps(practice_id=visitor.practice.id)
    ours = sum(1 for app in found if app.closes)
    done = ""
    if found:
        done = _("%(count)s known, %(ours)s closed by our gate") % {"count": len(found), "ours": ours}
    return _step(
        "records", _("Record systems"),
        _("Where patients’ records are, and how each door can be shut."),
        _("5 minutes each"), _("for one behind our gate: whoever runs its server"), done,
        f"{visitor.base}setup/records/", _("Add them"),
        _("Until then a lost phone closes nothing, and no case can say what stayed open."),
    )  # fmt: skip


def _rules(visitor: Visitor) -> SetupStep:
    number = policy_api.policy(practice_id=visitor.practice.id).number
    done = _("Version %(number)s is in force") % {"number": number} if number else ""
    return _step(
        "rules", _("Read the rules for phones"),
        _("Passcode, updates, apps: what is asked before records open."),
        _("5 minutes"), _("whoever answers for security"), done,
        f"{visitor.base}setup/rules/", _("Read them"),
        _("Until then the rules that every practice starts with are in force."),
    )  # fmt: skip


def _push(visitor: Visitor) -> SetupStep:
    certificate = fleet_api.push_certificate(practice_id=visitor.practice.id)
    done = ""
    if certificate is not None and certificate.not_after > visitor.clock.now:
        done = _("In place until %(day)s") % {"day": visitor.clock.long_date(certificate.not_after)}
    return _step(
        "push", _("Apple’s push certificate"),
        _("Lets this server reach iPhones and iPads. Can wait until the first one joins."),
        _("15 minutes"), _("an Apple account of the practice, and a vendor who signs the request"), done,
        f"{visitor.base}setup/push-certificate/", _("Set it up"),
        _("Until then no iPhone or iPad can join; everything else works."),
    )  # fmt: skip


def _first_phone(visitor: Visitor) -> SetupStep:
    count = overview_api.practice_line(practice_id=visitor.practice.id).phones
    done = _("%(count)s joined") % {"count": count} if count else ""
    return _step(
        "phone", _("The first phone"), _("You watch it join, step by step."),
        _("5 minutes"), _("the phone in hand"), done, f"{visitor.base}phones/add/", _("Add a phone"),
        _("Until then no record opens behind our gate."),
    )  # fmt: skip


def _mail(visitor: Visitor) -> SetupStep:
    done = _("Alerts go out by mail") if mail_is_set() else ""
    return _step(
        "mail", _("A mail server"), _("Officers are told by mail of a lost phone, and of what runs out."),
        _("5 minutes"), _("whoever runs your mail; [mail] in pocketward.toml, then a restart"), done, "", "",
        _("Until then alerts show on these pages only, and a case at night waits for the morning."),
    )  # fmt: skip


def _backup(visitor: Visitor) -> SetupStep:
    made = last_backup(visitor)
    done = _("The last one was made %(when)s") % {"when": visitor.clock.when(made)} if made else ""
    return _step(
        "backup", _("A backup, kept elsewhere"),
        _("A restored server carries on with every phone; without one each must join again."),
        _("10 minutes"), _("whoever runs this server: pocketward backup, each night"), done, "", "",
        _("Until then a broken disk loses every phone and the ledger."),
    )  # fmt: skip


def _card(visitor: Visitor) -> SetupStep:
    return _step(
        "card", _("Print the lost-phone card"),
        _("Anyone can report a lost phone with it, from any phone, without signing in."), _("2 minutes"),
        _("a printer"), "", f"{visitor.base}card/", _("Print it"),
        _("Until then people look for the address when a phone is gone."),
    )  # fmt: skip


# Without these no record opens on a checked phone; the others can wait.
_NEEDED: Final = (_people, _roles, _records, _push, _first_phone)
