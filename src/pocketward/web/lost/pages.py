"""Page models of the lost page. Its words are fixed in the security page; they do not depend on any match."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from pocketward.kernel.ids import secret_token
from pocketward.web.components.clock import Clock
from pocketward.web.components.shell import PhoneNumber
from pocketward.web.lost.form import LostAnswers


@dataclass(frozen=True)
class AskPage:
    """The three questions, with what was typed before when something is to be put right."""

    title: str
    action: str
    answers: LostAnswers
    error: str = ""
    # A new one each time it is shown: with the same one, the same words are the same report.
    token: str = field(default_factory=secret_token)


@dataclass(frozen=True)
class CodePage:
    """Asks for the code on the card: this server protects more than one practice."""

    title: str
    action: str
    error: str = ""


@dataclass(frozen=True)
class DonePage:
    """Said after every report, always the same; `lines` shows back what was typed."""

    title: str
    action: str
    headline: str
    promise: str
    number: PhoneNumber | None
    received: str
    answers: LostAnswers
    lines: tuple[str, ...]
    again: bool


def ask_page(*, action: str, answers: LostAnswers | None = None, incomplete: bool = False) -> AskPage:
    """The form. `incomplete` asks once more for a name or a label."""
    error = _("Write a name, a work e-mail, or the label on the tablet.") if incomplete else ""
    return AskPage(_("Lost a phone?"), action, answers or LostAnswers(), error)


def code_page(*, action: str, unknown: bool = False) -> CodePage:
    """The question for the code. `unknown` says that nothing answers to the one typed."""
    error = _("No practice has this code. Look at the card once more.") if unknown else ""
    return CodePage(_("Lost a phone?"), action, error)


def done_page(
    *, action: str, answers: LostAnswers, number: PhoneNumber | None, clock: Clock, received_at: datetime
) -> DonePage:
    """The answer to a report or to "I have it again". `number` is whom to call when nobody calls back."""
    again = answers.wish == "again"
    return DonePage(
        title=_("We have your message"),
        action=action,
        headline=_("Good. A person is told now.") if again else _("Thank you. We have your report."),
        promise=_found_again() if again else _promise(),
        number=number,
        received=_("Received %(when)s.") % {"when": clock.when(received_at)},
        answers=answers,
        lines=_typed(answers),
        again=again,
    )


def _promise() -> str:
    return _(
        "If this name matches one person here, we close every record we can on that phone; someone may first "
        "confirm. Nothing is erased. Someone calls you back."
    )


def _found_again() -> str:
    return _("Records stay closed until a person here has opened them. Someone calls you back.")


def _typed(answers: LostAnswers) -> tuple[str, ...]:
    seen = {
        "now": _("Last seen: just now"),
        "today": _("Last seen: today"),
        "earlier": _("Last seen: earlier"),
        "unknown": _("Last seen: not told"),
    }[answers.when]
    call = (
        _("Call back: %(number)s") % {"number": answers.callback}
        if answers.callback
        else _("No number given")
    )
    lines = (call,) if answers.wish == "again" else (seen, call)
    return tuple(line for line in lines if line)
