"""Builds the pages of decisions: the gate explains, this only sets it out."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from pocketward.access import api as access_api
from pocketward.access.api import DecisionRecord
from pocketward.kernel.ids import public_id
from pocketward.web.components.crumbs import Choice, Crumb, PlainLine
from pocketward.web.components.facts import FactLine
from pocketward.web.components.roles import ROLE_WORDS
from pocketward.web.components.words import Status
from pocketward.web.decisions.pages import DecisionLine, DecisionPage, DecisionsPage, Nearby, WayBack
from pocketward.web.names import Names, names_of
from pocketward.web.phones.check_words import check_title
from pocketward.web.visitor import Visitor

MARKS: Final[dict[str, Status]] = {"allow": "ok", "refuse": "closed", "reauthenticate": "fix"}
# What failed stands before what is not known, and that before what passed.
FIRST: Final[dict[Status, int]] = {"closed": 0, "unknown": 1}
FAILED, UNKNOWN = "check_failed", "check_unknown"
CHECK_CODES: Final = (FAILED, UNKNOWN)
RESULTS: Final[dict[str, Status]] = {"pass": "ok", "fail": "closed", "unknown": "unknown"}


def decisions_page(visitor: Visitor, found: tuple[DecisionRecord, ...], outcome: str) -> DecisionsPage:
    """The list. `outcome` is the one asked for, empty for all."""
    names, apps = names_of(visitor.practice.id), app_names(visitor)
    labels = (
        ("", _("All")),
        ("refuse", _("Refused")),
        ("reauthenticate", _("Asked to sign in")),
        ("allow", _("Opened")),
    )
    return DecisionsPage(
        title=_("Access decisions"),
        crumbs=(Crumb(_("Ledger"), f"{visitor.base}proof/ledger/"), Crumb(_("Access decisions"))),
        say=_("What the gate answered, and why."),
        kinds=tuple(
            Choice(f"?outcome={key}" if key else "?", label, key == outcome) for key, label in labels
        ),
        lines=tuple(_line(item, visitor, names, apps) for item in found),
    )


def _line(item: DecisionRecord, visitor: Visitor, names: Names, apps: dict[str, str]) -> DecisionLine:
    again = _("and %(count)s times more") % {"count": item.repeated} if item.repeated else ""
    return DecisionLine(
        url=f"{visitor.base}decisions/{item.public_id}/",
        mark=MARKS.get(item.outcome, "unknown"),
        when=visitor.clock.when(item.made_at, seconds=True),
        who=_who(item, names),
        device=_device(item, names),
        app=apps.get(str(item.app_id), _("an app")),
        note=again or (_("only watched") if item.would_have else ""),
    )


def decision_page(visitor: Visitor, found: DecisionRecord) -> DecisionPage:
    """One decision for an officer or an auditor."""
    told = access_api.explain_decision(
        decision_id=found.public_id, audience="officer" if visitor.may_change else "auditor"
    )
    names, apps = names_of(visitor.practice.id), app_names(visitor)
    app = apps.get(str(found.app_id), _("an app"))
    who = _who(found, names)
    read = access_api.explain_decision(decision_id=found.public_id, audience="person")
    return DecisionPage(
        title=_("Decision %(id)s") % {"id": found.public_id[:12]},
        crumbs=_crumbs(visitor, found, who),
        mark=MARKS.get(found.outcome, "unknown"),
        say=_say(found, who, app, _cause(found, {step.code: step.cause for step in reversed(told.steps)})),
        asked=(
            PlainLine(_("Who"), who),
            PlainLine(_("On"), _device(found, names)),
            PlainLine(_("Wanted"), f"{app}, {found.resource}" if found.resource else app),
            PlainLine(_("When"), visitor.clock.when(found.made_at, seconds=True)),
        ),
        ways=tuple(
            WayBack(step.remedy, _("about %(count)s min") % {"count": step.minutes})
            for step in read.steps
            if step.remedy and found.outcome != "allow"
        ),
        known_title=_("What was known at %(time)s") % {"time": visitor.clock.time(found.made_at)},
        known_note=_("Replayed from the stored facts: the same answer.") if _again(found) else "",
        facts=fact_lines(found, visitor),
        rule_title="",
        rule=(),
        read_by_person=" ".join(dict.fromkeys(f"{step.cause} {step.remedy}" for step in read.steps)),
        person_url="",
        nearby=_nearby(visitor, found),
        proof=_("Decision %(id)s is sealed in the ledger. Everybody reads the same reason.")
        % {"id": found.public_id},
        entry_url=f"{visitor.base}proof/ledger/?q={found.public_id}",
        watch=_("This app is only watched. Enforced, the answer would have been another.")
        if found.would_have
        else "",
        lines=tuple(PlainLine(line.name, line.value) for line in told.lines),
    )


def _again(found: DecisionRecord) -> bool:
    return access_api.decision_can_be_made_again(decision_id=found.public_id)


def _crumbs(visitor: Visitor, found: DecisionRecord, who: str) -> tuple[Crumb, ...]:
    last = Crumb(_("Decision %(id)s") % {"id": f"{found.public_id[:12]}…"})
    if found.member_id is None:
        return (Crumb(_("Access decisions"), f"{visitor.base}decisions/"), last)
    person = f"{visitor.base}people/{public_id('mem', found.member_id)}/"
    return (Crumb(_("Access decisions"), f"{visitor.base}decisions/"), Crumb(who, person), last)


def _say(found: DecisionRecord, who: str, app: str, cause: str) -> str:
    names = {"who": who, "app": app}
    if found.outcome == "allow":
        return _("%(who)s opened %(app)s.") % names
    if found.outcome == "reauthenticate":
        return _("%(who)s was asked to sign in for %(app)s.") % names
    reason = f" {cause}" if cause else ""
    return _("%(who)s was refused at %(app)s.") % names + reason


def _who(found: DecisionRecord, names: Names) -> str:
    """The person; where none was signed in, the phone that asked, or that nothing is known of either."""
    person = names.person(found.member_id)
    if person:
        return person
    if found.device_id is not None:
        return _("Somebody on %(phone)s") % {"phone": names.device(found.device_id)}
    return _("Somebody who was not signed in")


def _cause(found: DecisionRecord, causes: Mapping[str, str]) -> str:
    """The first reason in plain words: failed checks by their titles, not that records are closed by them.

    `causes` are the explanation's, by code.
    """
    reasons = [item for item in found.decision.reasons if item.code != "quarantined"]
    if reasons and reasons[0].code in CHECK_CODES:
        return " ".join(
            words % {"checks": ", ".join(dict.fromkeys(titles))}
            for code, words in ((FAILED, _("Failed: %(checks)s.")), (UNKNOWN, _("Not known: %(checks)s.")))
            if (
                titles := [
                    check_title(item.fact.removeprefix("check.")) for item in reasons if item.code == code
                ]
            )
        )
    first = next(iter(reasons or found.decision.reasons), None)
    return causes.get(first.code, "") if first is not None else ""


def _device(found: DecisionRecord, names: Names) -> str:
    if found.device_id is not None:
        return names.device(found.device_id)
    return _("a device that is not checked") if found.client == "unenrolled" else _("no known device")


def app_names(visitor: Visitor) -> dict[str, str]:
    """App names by id as text."""
    return {
        str(app.id): app.name for app in access_api.apps(practice_id=visitor.practice.id, with_removed=True)
    }


def fact_lines(found: DecisionRecord, visitor: Visitor) -> tuple[FactLine, ...]:
    """The facts it was made from, what failed first: person, sign-in, and each check with its age then."""
    facts, lines = found.facts, []
    if facts.person is not None:
        roles = ", ".join(str(ROLE_WORDS.get(role, role)) for role in facts.person.roles) or _("none")
        refused = found.outcome == "refuse" and "role_missing" in found.codes
        source = _("Decided the answer") if refused else _("From the practice’s own list")
        role_mark: Status = "closed" if refused else "ok"
        lines.append(FactLine(_("Roles"), roles, role_mark, _("Known"), _("at that moment"), source))
    if facts.session is not None:
        at = datetime.fromtimestamp(facts.session.auth_at, UTC)
        lines.append(
            _aged(_("Sign-in"), _strength(facts.session.strength), "ok", at, found, _("Our own sign-on"))
        )
    if facts.device is not None:
        for check in facts.device.checks:
            mark = RESULTS.get(check.result)
            if mark is None:
                continue
            seen = datetime.fromtimestamp(check.observed_at, UTC) if check.observed_at else None
            decided = any(reason.fact in (check.id, f"check.{check.id}") for reason in found.decision.reasons)
            words = {"pass": _("Passed"), "fail": _("Failed"), "unknown": _("Unknown")}[check.result]
            source = _("Decided the answer") if decided and found.outcome != "allow" else ""
            lines.append(_aged(check_title(check.id), words, mark, seen, found, source))
    return tuple(sorted(lines, key=lambda line: FIRST.get(line.mark, len(FIRST))))


def _aged(
    name: str, value: str, mark: Status, seen: datetime | None, found: DecisionRecord, source: str
) -> FactLine:
    if seen is None:
        return FactLine(name, value, mark, value, _("never seen"), source)
    age = max(timedelta(0), found.made_at - seen)
    minutes = int(age.total_seconds() // 60)
    return FactLine(name, value, mark, value, _old(minutes), source)


def _old(minutes: int) -> str:
    if minutes < 1:
        return _("under 1 min old")
    if minutes < 120:
        return _("%(count)s min old") % {"count": minutes}
    return _("%(count)s hr old") % {"count": minutes // 60}


def _strength(strength: str) -> str:
    text = strength.replace("_", " ")
    return text[:1].upper() + text[1:]


def _nearby(visitor: Visitor, found: DecisionRecord) -> tuple[Nearby, ...]:
    if found.member_id is None:
        return ()
    span = timedelta(hours=12)
    around = access_api.decisions(
        practice_id=visitor.practice.id, member_id=found.member_id, after=found.made_at - span,
        before=found.made_at + span, limit=7,
    )  # fmt: skip
    return tuple(
        Nearby(
            MARKS.get(item.outcome, "unknown"),
            visitor.clock.when(item.made_at),
            "" if item.id == found.id else f"{visitor.base}decisions/{item.public_id}/",
        )
        for item in reversed(around)
    )
