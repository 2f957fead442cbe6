"""Builds the page of one case and the list of cases."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.ledger.api import Entry
from pocketward.web.components.crumbs import Crumb, PlainLine, Tab, TimelineLine
from pocketward.web.incidents.pages import CasePage, Door
from pocketward.web.incidents.reading import CaseFacts
from pocketward.web.incidents.stepping import Ground, case_steps, countdown
from pocketward.web.ledger.sentences import what_happened
from pocketward.web.names import Names
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
# What repeats what another line of the same moment says.
QUIET: Final = ("fleet.device_marked_lost", "response.step_advanced", "fleet.device_state_confirmed")


def case_page(
    visitor: Visitor, facts: CaseFacts, names: Names, *, error: str = "", toast: str = ""
) -> CasePage:
    """The case as it stands."""
    ground = Ground(visitor, facts, names)
    report, place = facts.report, ground.place
    waits = report.outcome == "needs_confirmation" and visitor.may_change
    sources = {entry.kind.partition(".")[0] for entry in facts.entries}
    may_undo = visitor.may_change and report.restored_at is None and report.outcome != "paged_only"
    return CasePage(
        title=_("%(phone)s is lost") % {"phone": facts.names},
        crumbs=(Crumb(_("Incidents"), f"{visitor.base}incidents/"), Crumb(number_of(facts))),
        tabs=(Tab(_("Case"), place, True),),
        say=say(facts),
        follow=follow(visitor, facts, names),
        steps=case_steps(ground),
        timeline_title=ngettext(
            "What happened, from %(count)s source", "What happened, from %(count)s sources", len(sources)
        )
        % {"count": len(sources)},
        timeline=timeline(visitor, facts.entries, names),
        doors=doors(visitor, facts, place),
        facts=fact_lines(visitor, facts),
        people=people(facts, names),
        pdf_url="",
        undo_url=f"{place}reverse/" if may_undo else "",
        undo_text=_(
            "Lifts what this report closed, and nothing else. Each phone must pass its checks afresh."
        ),
        refresh_url=f"{place}body/",
        open=report.restored_at is None,
        countdown=countdown(ground),
        waiting_hold_url=f"{place}confirm/" if waits else "",
        take_url=f"{place}take/" if facts.unanswered and visitor.may_change else "",
        error=error,
        toast=toast,
    )


def number_of(facts: CaseFacts) -> str:
    """What the case is called."""
    return _("Case %(ref)s") % {"ref": facts.report.case_ref.removeprefix("case_")[-6:]}


def say(facts: CaseFacts) -> str:
    """The sentence of the case. "Records are closed" only where every door is ours (D21)."""
    names = {"phone": facts.names, "typed": facts.report.said}
    if facts.report.restored_at is not None:
        return _("%(phone)s is back. The report was reversed.") % names
    if facts.report.kind == "found":
        return _("Somebody says that %(phone)s is found.") % names
    if facts.report.outcome == "paged_only":
        return (
            _("Somebody reported a loss for “%(typed)s”. Nobody, or more than one, fits that name.") % names
        )
    if facts.report.outcome == "needs_confirmation":
        return _("%(phone)s is reported lost. Its records are still open.") % names
    slowest = max((door.milliseconds or 0 for door in facts.doors if door.is_closed), default=0)
    head = _("%(phone)s is lost.") % names
    if not facts.doors:
        return f"{head} " + _("It opens nothing here any more.")
    if all(door.is_closed for door in facts.doors):
        text = _("Every door we know closed in %(seconds)s seconds.")
    else:
        text = _("Every door we control closed in %(seconds)s seconds.")
    return f"{head} " + text % {"seconds": f"{slowest / 1000:.1f}"}


def follow(visitor: Visitor, facts: CaseFacts, names: Names) -> str:
    """When and how it was reported, and what was not done."""
    report = facts.report
    how = _("without sign-in") if report.reported_by.startswith("anonymous:") else _("by %(who)s")
    how = how % {"who": names.actor(report.reported_by)} if "%(who)s" in how else how
    seen = {"now": _("just then"), "today": _("that day"), "earlier": _("earlier")}.get(report.when_seen, "")
    erased = any(
        item.request_type in ("EraseDevice",) and item.state == "corroborated" for item in facts.commands
    )
    parts = [
        _("Reported %(when)s %(how)s.") % {"when": visitor.clock.when(report.reported_at), "how": how},
        _("Last had it %(seen)s.") % {"seen": seen} if seen else "",
        _("Its erase is proven.") if erased else _("Nothing has been erased."),
        _("Call back: %(number)s.") % {"number": report.callback} if report.callback else "",
    ]
    return " ".join(part for part in parts if part)


def timeline(visitor: Visitor, entries: tuple[Entry, ...], names: Names) -> tuple[TimelineLine, ...]:
    """The sealed facts of the case, newest first, with a heading a day."""
    lines, last = [], ""
    for entry in entries:
        if entry.kind in QUIET:
            continue
        day = visitor.clock.relative_day(entry.occurred_at)
        lines.append(
            TimelineLine(
                time=visitor.clock.time(entry.occurred_at, seconds=True),
                icon=ICONS.get(entry.kind.partition(".")[0], "doc"),
                text=f"{names.actor(entry.actor, entry.actor_name)} "
                f"{what_happened(entry.kind, entry.body, names)}",
                source=_("Entry %(number)s") % {"number": f"{entry.index + 1:,}"},
                key=entry.kind in KEY_KINDS,
                day=day if day != last else "",
            )
        )
        last = day
    return tuple(lines)


def doors(visitor: Visitor, facts: CaseFacts, place: str) -> tuple[Door, ...]:
    """Every door with its receipt; one that is not ours can be ticked by a named person."""
    return tuple(
        Door(
            name=door.app_name,
            receipt=_receipt(door.milliseconds, door.is_closed),
            ours=door.door == "proxied",
            closed=door.is_closed,
            detail=door.sentence,
            tick_url=f"{place}door/{door.app_id}/" if not door.is_closed and visitor.may_change else "",
        )
        for door in facts.doors
    )


def _receipt(milliseconds: int | None, closed: bool) -> str:
    if milliseconds is not None:
        return _("%(seconds)s s") % {"seconds": f"{milliseconds / 1000:.1f}"}
    return _("shut by hand") if closed else _("still open")


def fact_lines(visitor: Visitor, facts: CaseFacts) -> tuple[PlainLine, ...]:
    """What was known of the first phone when it was reported, frozen then."""
    if not facts.devices:
        return ()
    frozen: Mapping[str, Any] = facts.frozen.get(facts.devices[0].id, {})
    state = frozen.get("state", {})

    def known(name: str) -> object:
        return dict(state.get(name, {})).get("value")

    passcode, encrypted = known("passcode_present"), known("hardware_encryption_caps")
    heard = facts.devices[0].last_heard_at
    words = {True: _("yes"), False: _("no"), None: _("unknown")}
    return (
        PlainLine(_("Passcode set"), words[passcode if isinstance(passcode, bool) else None]),
        PlainLine(_("Encrypted"), words[None if encrypted is None else encrypted == 3 and passcode is True]),
        PlainLine(_("Sessions open on it"), str(frozen.get("sessions", _("unknown")))),
        PlainLine(_("Last word from it"), visitor.clock.when(heard) if heard else _("never")),
    )


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
