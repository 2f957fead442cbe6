"""Checks and fixes of a phone in the reader's language; the texts are posture's, one file per check."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.posture import api as posture_api
from pocketward.posture.api import FixIt
from pocketward.web.components.words import Status
from pocketward.web.my_phone.pages import CheckLine, FixCard, FixPage, FixStep
from pocketward.web.phones.reading import Phone
from pocketward.web.phones.standing import CheckView
from pocketward.web.surroundings import call_instead
from pocketward.web.visitor import Visitor

ORDER = ("fail", "unknown", "pass")
MARKS: dict[str, Status] = {"fail": "fix", "unknown": "unknown", "pass": "ok"}


def checks_of(phone: Phone) -> list[CheckView]:
    """The checks that apply, failing ones first, then unknown, then good."""
    found = phone.verdict.checks if phone.verdict else ()
    return sorted(
        (check for check in found if check.result in ORDER), key=lambda check: ORDER.index(check.result)
    )


def check_lines(visitor: Visitor, phone: Phone) -> tuple[CheckLine, ...]:
    """Every check that applies, each with the way to its fix."""
    return tuple(
        CheckLine(
            MARKS[check.result],
            check.title,
            check.value or check.reason,
            _fix_url(visitor, phone, check) if check.result == "fail" else "",
        )
        for check in checks_of(phone)
    )


def first_fix(visitor: Visitor, phone: Phone) -> FixCard | None:
    """The fix to do first; None when nothing fails."""
    failing = next((check for check in checks_of(phone) if check.result == "fail"), None)
    if failing is None:
        return None
    text = text_of(failing, visitor.language)
    if text is None:
        return None
    return FixCard(text.title, _minutes(text), _needs(text), _fix_url(visitor, phone, failing))


def text_of(check: CheckView, language: str) -> FixIt | None:
    """What is said about a check that does not pass, naming what it names."""
    return posture_api.fixit(check=check.id, code=check.code, language=language, value=check.named)


def fix_page(visitor: Visitor, phone: Phone, check: CheckView, text: FixIt) -> FixPage:
    """How to fix `check` on this phone."""
    number = call_instead(visitor.practice)
    ask = _("Call %(number)s.") % {"number": number.label} if number else _("Ask your IT lead.")
    wrong = _("%(how)s Read %(age)s. If that is not so, check again, then call.")
    kind = "iPad" if phone.device.kind == "ipad" else "iPhone"
    return FixPage(
        title=text.title,
        say=f"{text.title}.",
        why=f"{text.consequence} {text.why}",
        minutes=_minutes(text),
        needs=tuple(filter(None, (_needs(text),))),
        steps_title=_("On your %(kind)s") % {"kind": kind},
        steps=tuple(FixStep(step) for step in text.steps),
        check_url=f"{visitor.base}me/phone/check/?phone={phone.public_id}&lang={visitor.language}",
        reads=_("Keep it unlocked and on Wi-Fi. The answer comes within a minute."),
        deadline="",
        wrong=wrong % {"how": text.how_we_know, "age": visitor.clock.age(check.observed_at)},
        ask=ask,
        back_url=f"{visitor.base}me/phone/?phone={phone.public_id}",
    )


def _fix_url(visitor: Visitor, phone: Phone, check: CheckView) -> str:
    return f"{visitor.base}me/fix/{check.id}/?phone={phone.public_id}&lang={visitor.language}"


def _needs(text: FixIt) -> str:
    """What is needed, unless that is nothing."""
    return "" if text.needs in ("nothing", "nada") else text.needs


def _minutes(text: FixIt) -> str:
    return ngettext("%(count)s minute", "%(count)s minutes", text.minutes) % {"count": text.minutes}
