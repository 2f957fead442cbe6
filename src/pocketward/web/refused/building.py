"""Builds the page of a refusal from the gate's own explanation of the decision."""

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.access import api as access_api
from pocketward.access.api import DecisionRecord
from pocketward.kernel.ids import public_id
from pocketward.practice.api import PracticeRecord
from pocketward.web.components.language import Language
from pocketward.web.components.words import Status
from pocketward.web.refused.pages import OtherWay, RefusedPage
from pocketward.web.surroundings import call_instead

# The reasons of a device that has not joined: it is told how to.
NOT_JOINED: Final = frozenset(
    ("not_enrolled", "certificate_unknown", "certificate_none", "certificate_invalid")
)


def refused_page(
    practice: PracticeRecord, language: Language, found: DecisionRecord, *, may_add: bool = False
) -> RefusedPage:
    """The refusal in the words of the person it met, in the active language.

    `may_add`: whoever reads it may add a phone, and is led there.
    """
    told = access_api.explain_decision(decision_id=found.public_id, audience="person", language=language)
    steps = tuple(step.remedy for step in told.steps if step.remedy)
    enroll = found.client != "enrolled" and (
        found.client == "unenrolled" or bool(NOT_JOINED & set(found.codes))
    )
    return RefusedPage(
        title=told.title,
        mark=_mark(found),
        say=told.title if told.title.endswith(".") else f"{told.title}.",
        text=_("Records open only on devices that have joined the practice.")
        if enroll
        else " ".join(dict.fromkeys(step.cause for step in told.steps)),
        steps=() if enroll else steps,
        how_long=_how_long(told.minutes),
        check_url=_check_url(practice, language, found),
        sign_in_url=_sign_in_url(found),
        emergency_url=_emergency_url(practice, found) if told.emergency_hint else "",
        others=_others(practice),
        why=_("The same rule holds for everybody here. Unknown never opens records."),
        wrong=_("Call the number below and name this decision. It is kept with every fact it was made from."),
        decision=found.public_id,
        enroll=enroll,
        enroll_steps=_enroll_steps() if enroll else (),
        add_url=f"/p/{practice.slug}/phones/add/" if enroll and may_add else "",
    )


def _mark(found: DecisionRecord) -> Status:
    return {"allow": "ok", "reauthenticate": "fix"}.get(found.outcome, "closed")  # type: ignore[return-value]


def _how_long(minutes: int) -> str:
    if not minutes:
        return ""
    return ngettext("About %(count)s minute.", "About %(count)s minutes.", minutes) % {"count": minutes}


def _check_url(practice: PracticeRecord, language: Language, found: DecisionRecord) -> str:
    if found.device_id is None or found.outcome != "refuse":
        return ""
    phone = public_id("dev", found.device_id)
    return f"/p/{practice.slug}/me/phone/check/?phone={phone}&lang={language}"


def _sign_in_url(found: DecisionRecord) -> str:
    """Where who is only asked to sign in does so, and goes on to the app."""
    if found.outcome != "reauthenticate" or found.app_id is None:
        return ""
    return reverse("open-app", args=(found.app_id,))


def _emergency_url(practice: PracticeRecord, found: DecisionRecord) -> str:
    app = f"?app={found.app_id}&decision={found.public_id}" if found.app_id else ""
    return f"/p/{practice.slug}/me/emergency/{app}"


def _others(practice: PracticeRecord) -> tuple[OtherWay, ...]:
    ways = [OtherWay("tablet", _("Use another device of the practice"), _("Any that is protected"))]
    number = call_instead(practice)
    if number is not None:
        ways.append(OtherWay("call", _("Call a person"), number.label, f"tel:{number.dial}"))
    return tuple(ways)


def _enroll_steps() -> tuple[str, ...]:
    return (
        _("Ask your IT lead for a code. They make it under Phones, Add a phone."),
        _("Open Camera on this device and hold it over the code."),
        _("Tap the link, then Allow. It shows what the practice can see before you agree."),
        _("In Settings, tap Profile Downloaded, then Install. Then open the records again."),
    )
