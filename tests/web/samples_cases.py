"""Page models of incidents, decisions and the ledger, filled with invented data."""

from __future__ import annotations

import dataclasses

from pocketward.web.components.crumbs import Choice, Crumb, PlainLine, Tab, TimelineLine
from pocketward.web.components.facts import FactLine
from pocketward.web.components.ladder import Ruler
from pocketward.web.decisions.pages import DecisionPage, Nearby, RuleLine, WayBack
from pocketward.web.incidents import pages as incidents
from pocketward.web.ledger.pages import EntryLine, EntryPage, LedgerPage, Seal

# ruff: noqa: E501 - invented texts read better on one line than broken up
from tests.web.samples_phones import BASE, FACTS, LOCK, RULER

ERASE_ASKED = incidents.Confirm(
    "erase",
    "Erase Ben’s iPhone 16 at Harbor Street Clinic",
    (
        "Everything on it goes, for good",
        "Starts 60 seconds after a second person approves. You can stop it until then.",
        "Ben, the officers and the ledger are told",
        "Uses 1 of 2 erasures allowed this hour",
    ),
    "Ben’s iPhone 16",
    "Order the erase",
    "Do not erase",
)
STEPS = (
    incidents.CaseStep(1, "done", "Close records", "1:14:17 pm, 3 doors, 3.1 s"),
    incidents.CaseStep(2, "done", "Tell the officers", "Dana, 1:14 pm, opened 1:16 pm"),
    incidents.CaseStep(3, "done", "Lock and show a phone number", "", LOCK, "pushed, not yet delivered"),
    incidents.CaseStep(
        4,
        "now",
        "Erase, with a second person",
        "Practice-owned, so it may be erased. Locked, encrypted, last heard 1:09 pm. Waiting is safe for now.",
        action="#",
        action_label="Order the erase",
        confirm=ERASE_ASKED,
    ),
    incidents.CaseStep(5, "later", "Decide on exposure", "Worksheet is 7 of 11 filled from facts"),
    incidents.CaseStep(6, "later", "Replace the phone, close the case", ""),
)
TIMELINE = (
    TimelineLine("1:20:42 pm", "send", "Lock was pushed to the phone", "Not yet proven: rung 4 of 7"),
    TimelineLine(
        "1:14:20 pm",
        "check",
        "Every door we control is closed",
        "3 receipts, 0.4 to 3.1 seconds after the report",
        True,
    ),
    TimelineLine(
        "1:14:17 pm",
        "flag",
        "Someone reported Ben’s phones lost",
        "Report page, no sign-in, network 203.0.113.0/24",
        True,
    ),
    TimelineLine(
        "1:09:02 pm",
        "phone",
        "Phone reported its state: locked, passcode on",
        "Last word from the phone before the report",
    ),
)
DOORS = (
    incidents.Door("Chart app", "0.4 s", True, True),
    incidents.Door("Phone’s certificate", "2.0 s", True, True),
    incidents.Door(
        "Billing portal",
        "close by hand",
        False,
        False,
        "Asks for a password only. Sign-ins there go on.",
    ),
)


def case() -> incidents.CasePage:
    return incidents.CasePage(
        title="Ben’s iPhone 16 is lost",
        crumbs=(Crumb("Incidents", BASE), Crumb("Case 2026-011")),
        tabs=(Tab("Case", "#", True), Tab("Exposure worksheet", "#e")),
        say="Ben’s iPhone 16 is lost. Every door we control closed in 3.1 seconds.",
        follow="Reported today at 1:14 pm without sign-in. Nothing has been erased. Led by Dana Example.",
        steps=STEPS,
        timeline_title="What happened, from 4 sources",
        timeline=TIMELINE,
        doors=DOORS,
        facts=(
            PlainLine("Passcode", "set, 1:09 pm"),
            PlainLine("Encrypted", "yes, 1:09 pm"),
            PlainLine("Charts in last 24 h", "unknown"),
        ),
        people=(PlainLine("Ben Sample", "uses it"), PlainLine("Dana Example", "lead")),
        pdf_url="#pdf",
        undo_url="#undo",
        undo_text="Opens records again after a fresh check of the phone. The case stays.",
        refresh_url="#",
        open=True,
        clock=incidents.BreachClock(
            "If it counts as a breach",
            "60 days left to tell patients",
            "By Mon, Jan 18, 2027. Day 1 is today, the day it was known.",
            RULER,
        ),
        csv_url="#csv",
    )


def counting() -> incidents.CasePage:
    countdown = incidents.Countdown(
        "",
        "The erase leaves in 46 seconds",
        "You can stop it until 2:43:10 pm",
        Ruler(0.23, 6, "14 of 60 seconds gone", ()),
        "#stop",
    )
    return dataclasses.replace(case(), countdowns=(countdown,), waiting_hold_url="")


def nobody() -> incidents.CasePage:
    """A report that fits nobody, with further ones, and a call that left by no mail."""
    whose = incidents.Whose(
        said=(
            PlainLine("“Benn Sampel”", "today at 1:20 pm, call back 555-0155"),
            PlainLine(f"“{'Somebody with a very long name ' * 3}”", "today at 1:14 pm, no number"),
        ),
        more="And 31 earlier reports.",
        possible=(
            incidents.Possible("mem_1", "Ben Sample", "Ben’s iPhone 16, Ben’s old iPhone"),
            incidents.Possible("mem_2", "Ben Sampleton", "has left; Ben’s iPhone 12"),
            incidents.Possible("", "Bea Sample", "no phone here"),
        ),
        heading="It may mean",
        action="#",
        search_url="#",
        searched="",
    )
    return dataclasses.replace(
        case(),
        say="Somebody reported a loss for “Benn Sampel”. Nobody here fits that name.",
        whose=whose,
        take_url="#",
        more_came=True,
        one_channel="No mail is set up, so the others see it only when they open this console. Call them.",
    )


def exposure() -> incidents.ExposurePage:
    answers = (Choice("yes", "Yes"), Choice("no", "No"), Choice("unknown", "Unknown", True))
    return incidents.ExposurePage(
        title="Exposure worksheet",
        crumbs=(Crumb("Incidents", BASE), Crumb("Case 2026-011", "#"), Crumb("Exposure")),
        tabs=(Tab("Case", "#"), Tab("Exposure worksheet", "#e", True)),
        say="Seven of 11 questions are answered from facts.",
        follow="What nobody knows stays “unknown”. That is never read as no.",
        action="#",
        questions=(
            incidents.Question(
                "passcode",
                "Was a passcode set when it was last heard?",
                "The phone said yes at 1:09 pm.",
                answers,
                "",
                "",
            ),
            incidents.Question(
                "records", "Were patient records kept on the phone?", "", answers, "", "45 CFR 164.402(2)(i)"
            ),
        ),
        facts=(PlainLine("Passcode set", "yes"), PlainLine("Last network", "clinic-wifi")),
        answered="7 of 11 known",
        decided=(),
        may_decide=True,
        decide_url="#",
        verdicts=(Choice("breach", "It is a breach: people are told"), Choice("low", "Low probability")),
        pdf_url="#",
    )


def decision() -> DecisionPage:
    return DecisionPage(
        title="Why Carla was refused",
        crumbs=(Crumb("People", BASE), Crumb("Carla Prueba", "#"), Crumb("Decision dec_7Q2M")),
        mark="closed",
        say="Carla was refused because her phone had not reported for 26 hours.",
        asked=(
            PlainLine("Who", "Carla Prueba, clinician"),
            PlainLine("On", "Carla’s iPhone 14"),
            PlainLine("Wanted", "Chart app"),
            PlainLine("When", "Today, 9:41:26 am"),
        ),
        ways=(
            WayBack("Open the status page on any Wi-Fi. The phone reports by itself.", "about 1 min"),
            WayBack("Or emergency access: 30 minutes, reason asked, reviewed later.", "now"),
        ),
        known_title="What was known at 9:41 am",
        known_note="One fact decided it",
        facts=(
            FactLine(
                "Last report",
                "Wednesday, 7:38 am",
                "closed",
                "Decided the refusal",
                "26 h 3 min old",
                "Limit is 24 hours. Unknown never opens records.",
            ),
            *FACTS[1:2],
        ),
        rule_title="version 40",
        rule=(
            RuleLine(21, "charts:"),
            RuleLine(22, "  open_to: [clinician]"),
            RuleLine(24, "  reported_within: 24 hours", True),
            RuleLine(25, "  otherwise: refuse and explain"),
        ),
        read_by_person="Records are closed on this phone because it has not reported since Wednesday 7:38 am.",
        person_url="#",
        nearby=(Nearby("ok", "Wed, 7:38 am", "#"), Nearby("closed", "Thu, 9:41 am")),
        proof="Entry 48,199 in the ledger, sealed 9:41:30 am.",
        entry_url="#",
    )


def ledger() -> LedgerPage:
    lines = (
        EntryLine(
            "48,213",
            "#",
            "today at 2:31:07 pm",
            "Dana Example",
            "opened the file of Case 2026-011",
            "",
        ),
        EntryLine(
            "48,202",
            "#",
            "today at 1:14:17 pm",
            "Someone without sign-in",
            "reported Ben’s phones lost",
            "report page, no sign-in",
        ),
        EntryLine(
            "48,200",
            "#",
            "today at 11:05:48 am",
            "Dana Example",
            "erased personal data of a person who left in 2025 (name gone, proof kept)",
            "erasure request 14",
            erased=True,
        ),
    )
    return LedgerPage(
        title="Ledger",
        tabs=(),
        seal=Seal(
            True,
            "All 48,213 entries are as they were written. You checked at 2:32 pm.",
            "Sealed to 2:31:10 pm. Anyone can check without us.",
            "Yk3v…9QeE=",
        ),
        verify_url="#",
        kinds=(Choice("?", "Everything", True), Choice("?kind=x", "Changes"), Choice("?kind=y", "Sign-ins")),
        q="",
        lines=lines,
        shown="1 to 3 of 48,213",
        older_url="#",
        newer_url="",
        export_url="#",
    )


def broken_ledger() -> LedgerPage:
    return dataclasses.replace(
        ledger(),
        seal=Seal(
            False,
            "Entry 48,200 is not as it was written.",
            "Found at 2:32 pm. Everything before it stands. Call your IT lead; keep this server as it is.",
            "",
        ),
        lines=(),
    )


def entry() -> EntryPage:
    return EntryPage(
        "Entry 48,202",
        (Crumb("Ledger", "#"), Crumb("Entry 48,202")),
        "Someone reported Ben’s phones lost.",
        "Sealed today at 1:14:20 pm.",
        '{"kind":"response.loss_reported","version":1}',
        (PlainLine("Leaf", "2f3a96ce" * 8), PlainLine("Index", "48,201")),
        ("a1" * 32, "b2" * 32),
    )
