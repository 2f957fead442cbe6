"""Builds the page of one case and the list of cases."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.fleet import api as fleet_api
from pocketward.incidents import api as incidents_api
from pocketward.ledger.api import Entry
from pocketward.response import api as response_api
from pocketward.response.api import LocationRecord
from pocketward.web.components.crumbs import Crumb, PlainLine, Tab, TimelineLine
from pocketward.web.components.ladder import Ruler
from pocketward.web.incidents.doors import doors, doors_closed
from pocketward.web.incidents.giving_up import give_up
from pocketward.web.incidents.listing import plain_day
from pocketward.web.incidents.pages import BreachClock, CasePage, Known, LookUp, LostModeLeft
from pocketward.web.incidents.reading import CaseFacts
from pocketward.web.incidents.stepping import Ground, case_steps, countdowns
from pocketward.web.incidents.whose import nobody_sure, whose_box
from pocketward.web.ledger.telling import told
from pocketward.web.names import Names
from pocketward.web.phones.second_yes import lost_mode_ends
from pocketward.web.phones.waiting import is_second_person
from pocketward.web.visitor import Visitor

ICONS: Final = {
    "fleet": "phone",
    "access": "lock",
    "pki": "key",
    "response": "flag",
    "incidents": "doc",
    "posture": "check",
}
KEY_KINDS: Final = (
    "response.loss_reported",
    "response.doors_closed",
    "fleet.erase_proven",
    "response.loss_reversed",
)
OF_CASE_ONLY: Final = ("fleet.command_proof_advanced", "pki.certificate_issued", "pki.certificate_bound")
EARLY_PROOFS: Final = ("requested", "authorized", "queued")
OWN_REPORT: Final = "fleet.device_state_reported"
# What repeats what another line of the same moment says.
QUIET: Final = (
    "fleet.device_marked_lost",
    "response.step_advanced",
    "fleet.device_state_confirmed",
    "fleet.apps_changed",
    "fleet.enrollment_ticket_made",
)


def case_page(
    visitor: Visitor, facts: CaseFacts, names: Names, *, error: str = "", toast: str = "", search: str = ""
) -> CasePage:
    """The case as it stands."""
    ground = Ground(visitor, facts, names)
    report, place = facts.report, ground.place
    waits = report.outcome == "needs_confirmation" and visitor.may_change
    may_set = facts.case is not None and facts.case.closed_at is None and visitor.may_change
    sources = {entry.kind.partition(".")[0] for entry in facts.entries}
    undo_url, undo_text, own_phone_url = undoing(visitor, facts, place)
    return CasePage(
        title=_lost_or_erased(facts),
        crumbs=crumbs(visitor, facts),
        tabs=tabs(facts, place, ""),
        say=say(facts),
        follow=follow(visitor, facts, names),
        steps=case_steps(ground),
        timeline_title=ngettext(
            "What happened, from %(count)s source", "What happened, from %(count)s sources", len(sources)
        )
        % {"count": len(sources)},
        timeline=timeline(visitor, facts, names),
        doors=doors(visitor, facts, place),
        facts=fact_lines(visitor, facts),
        people=people(facts, names),
        pdf_url=f"{place}report.pdf" if facts.case is not None else "",
        undo_url=undo_url,
        undo_text=undo_text,
        own_phone_url=own_phone_url,
        refresh_url=f"{place}body/",
        open=report.restored_at is None,
        clock=clock_of(facts),
        countdowns=countdowns(ground),
        whose=whose_box(visitor, facts, place, search),
        one_channel=one_channel(facts),
        more_came=any(call.reason == "again" for call in facts.calls),
        waiting_hold_url=f"{place}confirm/" if waits else "",
        known=known(visitor, facts),
        discovery_url=f"{place}discovery/" if may_set else "",
        look_ups=look_ups(visitor, facts, names, place),
        lost_mode=lost_mode(visitor, facts, place),
        give_up=give_up(visitor, facts, place),
        take_url=f"{place}take/" if facts.calls and visitor.may_change else "",
        error=error,
        toast=toast,
    )


def undoing(visitor: Visitor, facts: CaseFacts, place: str) -> tuple[str, str, str]:
    """Where "It was found" goes, what is said beside it, and where an officer goes whose own phone it is."""
    report = facts.report
    if not visitor.may_change or report.restored_at is not None or report.outcome == "paged_only":
        return "", "", ""
    if facts.erased_at is not None:
        # Nothing on it can pass a check, until it joins again.
        return "", "", ""
    if not response_api.is_own_report(case_ref=report.case_ref, member_id=visitor.member.id):
        text = _(
            "Lifts what this report closed, and nothing else. Each phone must pass its checks afresh. "
            "Not from the network that the phone last spoke from."
        )
        return f"{place}reverse/", text, ""
    text = _(
        "Found? It is your own phone: another officer opens its records again. "
        "Before anybody has confirmed the loss you can do it yourself under My phone."
    )
    if fleet_api.is_alone(practice_id=visitor.practice.id, member_id=visitor.member.id):
        text = _(
            "Found? It is your own phone, and you are the only officer: "
            "do it under My phone, with a passkey from before the report."
        )
    return "", text, f"{visitor.base}me/phone/"


def one_channel(facts: CaseFacts) -> str:
    """Why the calls of this case reach nobody but by the console; empty when a mail left, or nobody waits."""
    states = {call.mail_state for call in facts.calls}
    if not states or states & {"queued", "sent"}:
        return ""
    if "failed" in states:
        return _("The mail server does not take our mail. Call the others yourself.")
    if "not_configured" in states:
        return _("No mail is set up, so the others see it only when they open this console. Call them.")
    return _("Nobody who was called has a mail address. Call them.")


def number_of(facts: CaseFacts) -> str:
    """What the case is called."""
    return _("Case %(number)s") % {"number": facts.case.number} if facts.case is not None else _("New case")


def crumbs(visitor: Visitor, facts: CaseFacts, *more: str) -> tuple[Crumb, ...]:
    """Incidents > this case > where one is in it."""
    top = Crumb(_("Incidents"), f"{visitor.base}incidents/")
    if not more:
        return (top, Crumb(number_of(facts)))
    place = f"{visitor.base}incidents/{facts.report.case_ref}/"
    return (top, Crumb(number_of(facts), place), *(Crumb(label) for label in more))


def tabs(facts: CaseFacts, place: str, here: str) -> tuple[Tab, ...]:
    """Case, and its exposure worksheet once the case is opened."""
    wanted = [("", _("Case"))]
    if facts.case is not None:
        wanted.append(("exposure/", _("Exposure worksheet")))
    return tuple(Tab(label, f"{place}{end}", end == here) for end, label in wanted)


def clock_of(facts: CaseFacts) -> BreachClock | None:
    """Day 60 of the case while it counts as a breach; None once decided otherwise or over."""
    case = facts.case
    if case is None or case.state != "open" or case.verdict == "low_probability":
        return None
    left = case.breach_clock.days_left
    limit, start = case.breach_clock.limit_on, case.breach_clock.discovered_on
    text = ngettext("%(count)s day left to tell patients", "%(count)s days left to tell patients", left)
    title = _("It is a breach") if case.verdict == "breach" else _("If it counts as a breach")
    due = _("By %(day)s. Day 0 was %(start)s, when it was known (%(why)s).")
    names = {"day": plain_day(limit), "start": plain_day(start), "why": case.discovered_why}
    done = min(1.0, max(0.0, case.breach_clock.day_number / 60))
    label = _("Day %(day)s of 60") % {"day": case.breach_clock.day_number}
    ends = tuple(f"{day:%b} {day.day}" for day in (start, case.breach_clock.target_on, limit))
    return BreachClock(title, text % {"count": left}, due % names, Ruler(done, 12, label, ends))


def say(facts: CaseFacts) -> str:
    """The sentence of the case. "Records are closed" only where every door is ours (D21)."""
    names = {"phone": facts.names}
    if facts.report.restored_at is not None:
        return _("%(phone)s is back. The report was reversed.") % names
    if facts.report.kind == "found":
        return _("Somebody says that %(phone)s is found.") % names
    if facts.report.outcome == "paged_only":
        return nobody_sure(facts.report)
    if facts.report.outcome == "needs_confirmation" and facts.is_shut:
        return _("%(phone)s is reported lost once more. Its records are closed already.") % names
    if facts.report.outcome == "needs_confirmation":
        return _("%(phone)s is reported lost. Its records are still open.") % names
    return f"{_lost_or_erased(facts)}. {doors_closed(facts)}"


def _lost_or_erased(facts: CaseFacts) -> str:
    text = _("%(phone)s is lost") if facts.erased_at is None else _("%(phone)s was lost and is erased")
    return text % {"phone": facts.names}


def follow(visitor: Visitor, facts: CaseFacts, names: Names) -> str:
    """When and how it was reported, and what was not done."""
    report = facts.report
    how = _("without sign-in") if report.reported_by.startswith("anonymous:") else _("by %(who)s")
    how = how % {"who": names.actor(report.reported_by)} if "%(who)s" in how else how
    parts = [
        _("Reported %(when)s %(how)s.") % {"when": visitor.clock.when(report.reported_at), "how": how},
        "" if report.kind == "found" else last_had(report.when_seen),
        _erased(facts),
        _("Call back: %(number)s.") % {"number": report.callback} if report.callback else "",
    ]
    return " ".join(part for part in parts if part)


def _erased(facts: CaseFacts) -> str:
    """How far an erase got: taken back, proven, said by the phone alone, or not at all."""
    states = {item.state for item in facts.commands if item.request_type == "EraseDevice"}
    if facts.contradicted:
        return _("It said that it was erased, and then spoke again: it is not.")
    if "corroborated" in states:
        return _("Its erase is proven.")
    if "acknowledged" in states:
        return _("The phone says it is erased; that is not proven yet.")
    return _("Nothing has been erased.")


def last_had(when_seen: str) -> str:
    """When it was last seen, as told; that nobody told it, where nobody did."""
    return {
        "now": _("Last had it just before the report."),
        "today": _("Last had it earlier that day."),
        "earlier": _("Last had it before that day."),
    }.get(when_seen, _("When it was last had was not told."))


def timeline(visitor: Visitor, facts: CaseFacts, names: Names) -> tuple[TimelineLine, ...]:
    """The sealed facts of the case, newest first, with a heading a day."""
    worth = worth_telling(facts.entries, facts.report.reported_at)
    return told(worth, names, visitor.clock, icons=ICONS, key_kinds=KEY_KINDS, seconds=True)


def worth_telling(entries: tuple[Entry, ...], reported_at: datetime) -> list[Entry]:
    """Entries (newest first) without routine: of the phone's own reports the last before the loss was
    reported and the first after it, of commands only those of the case, from the moment they left.

    What is told once stays: no later report takes the place of one that was shown.
    """
    own = [entry for entry in entries if entry.kind == OWN_REPORT and not entry.case_ref]
    before = next((entry for entry in own if entry.occurred_at < reported_at), None)
    after = next((entry for entry in reversed(own) if entry.occurred_at >= reported_at), None)
    return [
        entry
        for entry in entries
        if not _is_routine(entry) and (entry not in own or entry is before or entry is after)
    ]


def _is_routine(entry: Entry) -> bool:
    if entry.kind in QUIET or (entry.kind in OF_CASE_ONLY and not entry.case_ref):
        return True
    early = (entry.body or {}).get("proof") in EARLY_PROOFS
    return entry.kind == "fleet.command_proof_advanced" and early


SHOWN_FACTS: Final = (
    "Passcode set", "Encrypted", "Signed in to", "Records last opened", "Last network", "Last word from it",
    "Work apps on it",
)  # fmt: skip


def fact_lines(visitor: Visitor, facts: CaseFacts) -> tuple[PlainLine, ...]:
    """What was known of each phone when it was reported, frozen then."""

    def local(moment: datetime | None) -> str:
        return visitor.clock.when(moment) if moment is not None else _("never")

    words = incidents_api.frozen_words(frozen=facts.frozen, local=local)
    several = len(words) > 1
    return tuple(
        PlainLine(f"{label}: {name}" if several else name, value)
        for label, lines in words
        for name, value in lines
        if name in SHOWN_FACTS
    )


def known(visitor: Visitor, facts: CaseFacts) -> tuple[Known, ...]:
    """Every moment at which somebody knew, earliest first."""
    if facts.case is None:
        return ()
    found = incidents_api.discovery_candidates(case_id=facts.case.id)
    return tuple(Known(visitor.clock.when(item.at), item.source, item.chosen) for item in found)


def look_ups(visitor: Visitor, facts: CaseFacts, names: Names, place: str) -> tuple[LookUp, ...]:
    """Every question where a phone of the case is; an officer may look at an answer, for a purpose."""
    return tuple(
        LookUp(
            key=str(item.id),
            text=_("%(who)s, %(when)s: %(why)s")
            % {
                "who": names.actor(item.asked_by),
                "when": visitor.clock.when(item.asked_at),
                "why": item.reason,
            },
            state=_look_up_state(item),
            looks=tuple(
                _("%(who)s looked, %(when)s: %(why)s")
                % {
                    "who": names.person(look.member_id),
                    "when": visitor.clock.when(look.at),
                    "why": look.purpose,
                }
                for look in item.looks
            ),
            view_url=f"{place}place/{item.id}/"
            if item.received_at and not item.erased_at and visitor.may_change
            else "",
        )
        for item in facts.locations
    )


def _look_up_state(item: LocationRecord) -> str:
    if item.erased_at:
        return _("erased")
    if item.received_at:
        return _("answered")
    return _("ended without an answer") if item.ended_at else _("waiting for the phone")


def lost_mode(visitor: Visitor, facts: CaseFacts, place: str) -> LostModeLeft | None:
    """After a reversal: whether lost mode is still on, and what ends it."""
    if facts.report.restored_at is None:
        return None
    ending = next((item for item in facts.commands if item.request_type == "DisableLostMode"), None)
    if ending is not None and ending.state == "requested":
        if not is_second_person(visitor, ending.ordered_by):
            return LostModeLeft(_("A second officer must approve its end."))
        text = _("Another officer asked for its end.")
        return LostModeLeft(text, f"{place}approve/{ending.id}/", _("Approve it"))
    if not response_api.lost_mode_left(case_ref=facts.report.case_ref):
        return None
    if not visitor.may_change:
        return LostModeLeft(_("An officer can end it."))
    return LostModeLeft(lost_mode_ends(visitor), f"{place}lost-mode/", _("End lost mode"))


def people(facts: CaseFacts, names: Names) -> tuple[PlainLine, ...]:
    """Whose phone it is, who reported, who was called."""
    found = []
    if facts.report.member_id is not None:
        found.append(PlainLine(names.person(facts.report.member_id), _("uses it")))
    called = [
        str(entry.body.get("member_id"))
        for entry in facts.entries
        if entry.kind == "response.officer_alerted" and entry.body is not None
    ]
    took = {
        str(entry.body.get("member_id"))
        for entry in facts.entries
        if entry.kind == "response.alert_answered" and entry.body is not None
    }
    found.extend(
        PlainLine(names.person(member), _("takes the case") if member in took else _("called"))
        for member in dict.fromkeys(called)
    )
    return tuple(found)
