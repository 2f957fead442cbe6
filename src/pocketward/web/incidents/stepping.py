"""The steps of a case as its page shows them: what is done and proven, what is next, and the act for it."""

from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _

from pocketward.fleet.api import CommandRecord, DeviceRecord
from pocketward.response import api as response_api
from pocketward.response.api import StepRecord
from pocketward.web.incidents.pages import CaseStep, Confirm, Countdown
from pocketward.web.incidents.reading import CaseFacts
from pocketward.web.components.ladder import Ruler
from pocketward.web.names import Names
from pocketward.web.phones.command_words import rungs_of, short_of
from pocketward.web.visitor import Visitor

ERASING = ("EraseDevice", "RemoveProfile")
LOCKING = ("EnableLostMode", "DeviceLock")
OVER = ("done", "skipped", "failed")


@dataclass(frozen=True)
class _Ground:
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


def case_steps(visitor: Visitor, facts: CaseFacts, names: Names) -> tuple[CaseStep, ...]:
    """The playbook's steps; the first that waits for a person is the one to do now."""
    ground = _Ground(visitor, facts, names)
    shown = [_step(number, step, ground) for number, step in enumerate(facts.steps, 1)]
    waiting = next((at for at, step in enumerate(facts.steps) if step.state == "needs_person"), None)
    if waiting is not None and visitor.may_change:
        shown[waiting] = replace(shown[waiting], state="now")
    return tuple(shown)


def _step(number: int, step: StepRecord, ground: _Ground) -> CaseStep:
    when = ground.visitor.clock.moment(step.changed_at, seconds=True)
    plain = CaseStep(number, _state(step), step.title, "")
    if step.state in OVER:
        plain = replace(plain, text=f"{when}. {step.receipt}".strip())
    elif step.receipt:
        plain = replace(plain, text=step.receipt)
    make = {
        "lock": _lock, "confirm": _confirm, "locate": _locate, "doors": _doors, "erase": _erase,
        "prove_erase": _prove, "exposure": _exposure, "decide": _exposure, "replace": _replace,
    }.get(step.step)  # fmt: skip
    return make(plain, step, ground) if make is not None else plain


def _state(step: StepRecord) -> str:  # type: ignore[return]
    if step.state in ("done", "skipped"):
        return "done"
    return "failed" if step.state == "failed" else "later"
