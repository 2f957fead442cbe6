"""The steps of a case as its page shows them: what is done and proven, what is next, and the act for it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from django.utils.translation import gettext as _

from pocketward.fleet.api import CommandRecord, DeviceRecord
from pocketward.response import api as response_api
from pocketward.response.api import StepRecord
from pocketward.web.components.ladder import Ruler
from pocketward.web.incidents.pages import CaseStep, Confirm, Countdown
from pocketward.web.incidents.reading import CaseFacts
from pocketward.web.names import Names
from pocketward.web.phones.command_words import reached, rungs_of
from pocketward.web.phones.second_yes import before_asking, nothing_before
from pocketward.web.phones.waiting import is_second_person
from pocketward.web.visitor import Visitor

ERASING: Final = ("EraseDevice", "RemoveProfile")
LOCKING: Final = ("EnableLostMode", "DeviceLock")
LOCATING: Final = ("DeviceLocation",)
OVER: Final = ("done", "skipped", "failed")
ENDED: Final = ("failed", "expired", "overtaken", "cancelled", "refused")
COUNTDOWN_SECONDS: Final = 60


@dataclass(frozen=True)
class Ground:
    """What a step is built from: who looks, the case, and the names of people and phones."""

    visitor: Visitor
    facts: CaseFacts
    names: Names

    @property
    def place(self) -> str:
        """The case's address."""
        return f"{self.visitor.base}incidents/{self.facts.report.case_ref}/"

    def newest(self, kinds: tuple[str, ...]) -> CommandRecord | None:
        """The newest command of these kinds in the case."""
        return next((item for item in self.facts.commands if item.request_type in kinds), None)


def case_steps(ground: Ground) -> tuple[CaseStep, ...]:
    """The playbook's steps; the first that waits for a person is the one to do now."""
    steps = ground.facts.steps
    shown = [_step(number, step, ground) for number, step in enumerate(steps, 1)]
    waiting = next((at for at, step in enumerate(steps) if step.state == "needs_person"), None)
    if waiting is not None and ground.visitor.may_change:
        shown[waiting] = replace(shown[waiting], state="now")
    return tuple(shown)


def _step(number: int, step: StepRecord, ground: Ground) -> CaseStep:
    when = ground.visitor.clock.moment(step.changed_at, seconds=True)
    why = step.reasons[-1].reason if step.reasons else ""
    text = f"{when}. {step.receipt} {why}".strip() if step.state in OVER else step.receipt
    plain = CaseStep(number, _state(step), step.title, text)
    add = _MAKERS.get(step.step)
    return add(plain, step, ground) if add is not None else plain


def _state(step: StepRecord) -> Literal["done", "failed", "later", "skipped"]:
    if step.state == "done":
        return "done"
    if step.state == "skipped":
        return "skipped"
    return "failed" if step.state == "failed" else "later"


def _is_open(step: StepRecord, ground: Ground) -> bool:
    return step.state not in OVER and ground.visitor.may_change


def _fits_nobody(ground: Ground) -> bool:
    """Whether the report matched no person and no tablet, or several: nothing was closed by it."""
    return not ground.facts.report.device_ids


def _lock(shown: CaseStep, step: StepRecord, ground: Ground) -> CaseStep:
    command = ground.newest(LOCKING)
    if command is None and step.state == "waiting":
        if _fits_nobody(ground):
            return replace(shown, text=_("Not locked: nobody has said yet whose phone it is."))
        return replace(shown, text=_("Begins as soon as a person here says that it is lost."))
    if command is None:
        return shown
    return replace(
        shown,
        # The rungs say how far it got; why a person is needed they do not.
        text=step.receipt if step.state == "needs_person" else "",
        rungs=rungs_of(command, ground.visitor.clock),
        rungs_text=reached(command, ground.visitor.clock),
    )


def _confirm(shown: CaseStep, step: StepRecord, ground: Ground) -> CaseStep:
    if not _is_open(step, ground):
        return shown
    text = (
        _("Call %(number)s.") % {"number": ground.facts.report.callback}
        if ground.facts.report.callback
        else ""
    )
    if _fits_nobody(ground):
        return replace(
            shown,
            text=f"{text} {_('Nothing is closed yet. Say above whose phone it is.')}".strip(),
            action=f"{ground.place}confirm/",
            action_label=_("I have spoken with them"),
        )
    hint = _(
        "When you say that it is lost, the phone is locked, and the person alone can no longer open "
        "records again."
    )
    return replace(
        shown,
        text=f"{text} {hint}".strip(),
        action=f"{ground.place}confirm/",
        action_label=_("It is really lost"),
    )


def _locate(shown: CaseStep, step: StepRecord, ground: Ground) -> CaseStep:
    command = ground.newest(LOCATING)
    if command is not None:
        shown = replace(
            shown,
            rungs=rungs_of(command, ground.visitor.clock),
            rungs_text=reached(command, ground.visitor.clock),
        )
    case_ref = ground.facts.report.case_ref
    able = [item for item in ground.facts.devices if response_api.may_be_located(item, case_ref=case_ref)]
    if ground.facts.case is not None and ground.facts.case.state != "open":
        return replace(shown, text=_("The case is closed: no phone of it is asked where it is any more."))
    if _fits_nobody(ground):
        return replace(shown, text=_("Nobody has said yet whose phone it is: there is none to look for."))
    if not able:
        return replace(
            shown, text=_("Only a supervised, practice-owned phone can be found. This one cannot.")
        )
    if not _is_open(step, ground):
        return shown
    return replace(
        shown,
        text=response_api.locating_notice("en").text,
        action=f"{ground.place}locate/",
        action_label=_("Find it"),
        ask=_("Why do you need to know where it is?"),
    )


def _doors(shown: CaseStep, step: StepRecord, ground: Ground) -> CaseStep:
    left = [door for door in ground.facts.doors if not door.is_closed]
    if not _is_open(step, ground):
        return shown
    if left:
        names = ", ".join(door.app_name for door in left)
        return replace(
            shown,
            text=_("Still open: %(doors)s. Shut each there, then say so under “Doors and receipts”.")
            % {"doors": names},
        )
    return replace(
        shown,
        text=_("Every door of this case is shut.")
        if ground.facts.doors
        else _("No door was closed: nobody has said yet whose phone it is."),
        action=f"{ground.place}step/doors/",
        action_label=_("All shut") if ground.facts.doors else _("Nothing to shut"),
    )


def _erase(shown: CaseStep, step: StepRecord, ground: Ground) -> CaseStep:
    command = ground.newest(ERASING)
    if command is not None:
        shown = replace(
            shown,
            rungs=rungs_of(command, ground.visitor.clock),
            rungs_text=reached(command, ground.visitor.clock),
        )
    if not ground.facts.devices or step.state in OVER:
        return shown
    if command is not None and command.state == "requested":
        return _approval(shown, command, ground)
    if len(ground.facts.devices) == 1 and command is not None and command.state not in ENDED:
        return shown
    return _order(shown, step, ground)


def _approval(shown: CaseStep, command: CommandRecord, ground: Ground) -> CaseStep:
    who = ground.names.actor(command.ordered_by)
    if not is_second_person(ground.visitor, command.ordered_by):
        text = _("%(who)s asked for it.") % {"who": who}
        return replace(shown, text=f"{text} {nothing_before(ground.visitor, command.ordered_by)}")
    return replace(
        shown,
        state="now",
        text=_("%(who)s asked for it. After your yes it can still be stopped for a while.") % {"who": who},
        action=f"{ground.place}approve/{command.id}/",
        action_label=_("Approve it"),
    )


def _order(shown: CaseStep, step: StepRecord, ground: Ground) -> CaseStep:
    device, case_ref = _next_to_erase(ground), ground.facts.report.case_ref
    advice = response_api.erase_advice(case_ref=case_ref, device_id=device.id)
    reasons = ". ".join(f"{name}: {value}" for name, value in _readable(advice.reasons, device, ground))
    shown = replace(shown, text=f"{advice.sentence} {reasons}.")
    if not _is_open(step, ground):
        return shown
    work_only = advice.act == "remove_work_data"
    label = _("Remove its work data") if work_only else _("Erase it")
    names = {"phone": device.label, "practice": ground.visitor.practice.name}
    title = (
        _("Remove work data from %(phone)s at %(practice)s")
        if work_only
        else _("Erase %(phone)s at %(practice)s")
    )
    gone = (
        _("Work apps and their data go. The person’s own things stay.")
        if work_only
        else _("Everything on it goes, for good.")
    )
    return replace(
        shown,
        action=f"{ground.place}erase/",
        action_label=label,
        confirm=Confirm(
            key="erase",
            title=title % names,
            lines=(
                gone,
                before_asking(ground.visitor),
                _("The officers and the ledger are told."),
            ),
            type_name=device.label,
            button=label,
            keep=_("Do not do it"),
        ),
    )


def _next_to_erase(ground: Ground) -> DeviceRecord:
    """The first phone of the case that nothing was ordered for yet; with one phone, that phone."""
    ordered = {
        command.device_id
        for command in ground.facts.commands
        if command.request_type in ERASING and command.state not in ENDED
    }
    left = [device for device in ground.facts.devices if device.id not in ordered]
    return (left or list(ground.facts.devices))[0]


def _readable(
    reasons: tuple[tuple[str, str], ...], device: DeviceRecord, ground: Ground
) -> list[tuple[str, str]]:
    """The advice's reasons, with the last word's time as people read it."""
    heard = device.last_heard_at
    return [
        (name, ground.visitor.clock.when(heard) if name == "Last heard" and heard else value)
        for name, value in reasons
    ]


def _prove(shown: CaseStep, step: StepRecord, ground: Ground) -> CaseStep:
    if step.state in OVER:
        return shown
    text = shown.text or _(
        "Proven when the phone is seen fresh, or Apple says that it is gone. Asked again until then."
    )
    may = ground.visitor.may_change and step.state == "needs_person"
    if not may or not response_api.may_decide_without(case_ref=ground.facts.report.case_ref):
        return replace(shown, text=text)
    return replace(
        shown,
        text=text,
        action=f"{ground.place}step/without/",
        action_label=_("Decide without proof"),
        ask=_("Why do you no longer wait for it?"),
    )


def _exposure(shown: CaseStep, step: StepRecord, ground: Ground) -> CaseStep:
    if ground.facts.case is None:
        return shown
    return replace(shown, second=f"{ground.place}exposure/", second_label=_("To the worksheet"))


def _replace_phone(shown: CaseStep, step: StepRecord, ground: Ground) -> CaseStep:
    if not _is_open(step, ground):
        return shown
    return replace(
        shown,
        second=f"{ground.visitor.base}phones/add/?case={ground.facts.report.case_ref}",
        second_label=_("Add its replacement"),
        action=f"{ground.place}step/replace/",
        action_label=_("None is needed"),
    )


_MAKERS: Final[dict[str, Callable[[CaseStep, StepRecord, Ground], CaseStep]]] = {
    "lock": _lock,
    "confirm": _confirm,
    "locate": _locate,
    "doors": _doors,
    "erase": _erase,
    "prove_erase": _prove,
    "exposure": _exposure,
    "decide": _exposure,
    "replace": _replace_phone,
}


def countdowns(ground: Ground) -> tuple[Countdown, ...]:
    """Every erase of the case that has been let pass and has not left, the first to leave first."""
    now = ground.visitor.clock.now
    found = [
        (item.not_before, item)
        for item in ground.facts.commands
        if item.request_type in ERASING
        and item.state in ("authorized", "queued")
        and item.not_before is not None
        and item.not_before > now
    ]
    return tuple(_counting(item, at, ground) for at, item in sorted(found, key=lambda pair: pair[0]))


def _counting(command: CommandRecord, at: datetime, ground: Ground) -> Countdown:
    clock = ground.visitor.clock
    seconds = (at - clock.now).total_seconds()
    gone = 1 - seconds / max(COUNTDOWN_SECONDS, seconds)
    return Countdown(
        phone=ground.names.device(command.device_id) if len(ground.facts.devices) > 1 else "",
        left=_leaves_in(command) % {"left": clock.left(at)},
        until=_("You can stop it until %(time)s") % {"time": clock.time(at, seconds=True)},
        ruler=Ruler(gone, 6, _("%(left)s left") % {"left": clock.left(at)}, ()),
        stop_url=f"{ground.place}stop/{command.id}/" if ground.visitor.may_change else "",
    )


def _leaves_in(command: CommandRecord) -> str:
    if command.request_type == "EraseDevice":
        return _("The erase leaves in %(left)s")
    return _("The removal of work data leaves in %(left)s")
