"""One page model of each console page, filled with invented data: what templates are tried with."""

# ruff: noqa: E501 - invented texts read better on one line than broken up

from __future__ import annotations

from collections.abc import Callable

from pocketward.web.components.crumbs import Choice, Crumb, FieldError, PlainLine, Tab, TimelineLine
from pocketward.web.components.facts import FactLine
from pocketward.web.components.ladder import Ruler, climb
from pocketward.web.decisions.pages import DecisionPage, Nearby, RuleLine, WayBack
from pocketward.web.home.pages import Happening, home_page
from pocketward.web.incidents import pages as incidents
from pocketward.web.ledger.pages import EntryLine, EntryPage, LedgerPage, Seal
from pocketward.web.phones import add_pages, phone_pages
from pocketward.web.phones.list_pages import Asked, PhoneRow, phones_page
from tests.web.worlds import CLOCK, NAMES, WORLDS, ago

BASE = "/p/harbor-street-clinic/"
LOCK = climb(
    reached={
        "requested": "1:20:40 pm",
        "authorized": "1:20:41 pm",
        "queued": "1:20:41 pm",
        "pushed": "1:20:42 pm",
    },
    details={"pushed": "Apple took the nudge. That says nothing about the phone yet."},
)
QR = '<svg viewBox="0 0 8 8"><path d="M0 0h3v3H0zM5 0h3v3H5zM0 5h3v3H0zM4 4h1v1H4zM6 5h2v1H6z" fill="#000"/></svg>'
RULER = Ruler(0.15, 12, "Day 9 of 60", ("Nov 10", "Dec 10", "Jan 9"))


def phone_rows() -> tuple[PhoneRow, ...]:
    """Twelve phones, four of them worth a look."""
    states = {
        0: ("closed", "Reported lost today at 1:14 pm"),
        1: ("fix", "Nov 9 safety update missing. Closes Fri, Nov 20, 5 pm"),
        5: ("silent", "Silent for 9 days. Records closed since Nov 17"),
        8: ("unknown", "Joined, not reported yet"),
    }
    people = (
        "Ben Sample",
        "Ana Ejemplo",
        "",
        "Carla Prueba",
        "Dana Example",
        "",
        "Erin Testwell",
        "Grace Placeholder",
        "",
        "",
    )
    return tuple(
        PhoneRow(
            f"dev_{n}",
            name,
            *states.get(n, ("ok", "")),
            people[n % 10] if "iPad" not in name else "",
            "ipad" if "iPad" in name else "iphone",
            "personal" if n in (1, 4) else "practice",
            "iPad" in name,
            None if n == 8 else ago(days=9) if n == 5 else ago(minutes=4 + 7 * n),
        )
        for n, name in enumerate(NAMES)
    )  # type: ignore[arg-type]


FACTS = (
    FactLine(
        "Safety updates",
        "iOS 26.0.1. The fix is in 26.1, out since Nov 9",
        "fix",
        "Needs a fix",
        "4 min ago",
        "Said by the phone itself. Checked against Apple’s list of Nov 18.",
    ),
    FactLine(
        "Passcode",
        "Set, 6 digits or more",
        "ok",
        "Good",
        "4 min ago",
        "Said by the phone. On a personal iPhone we can ask for 6 digits and no more.",
    ),
    FactLine(
        "Encryption",
        "Was on, Nov 10",
        "unknown",
        "Unknown",
        "9 days ago",
        "Too old to count. The limit is 24 hours.",
        stale=True,
    ),
    FactLine(
        "Screen lock time",
        "Not visible to us",
        "unknown",
        "Unknown",
        "never",
        "A personal iPhone does not tell.",
    ),
)
TABS = (Tab("Overview", "#", True), Tab("History", "#h"), Tab("Lock, find, erase", "#x"))


def phone() -> phone_pages.PhonePage:
    return phone_pages.PhonePage(
        title="Ana’s iPhone 15",
        crumbs=(Crumb("Phones", BASE), Crumb("Ana’s iPhone 15")),
        tabs=TABS,
        status="fix",
        say="Ana’s iPhone 15 needs a fix by tomorrow at 5 pm.",
        follow="It misses the Nov 9 safety update. Records close on it then, and open again by themselves once it is updated.",
        heard="Last heard 2:28 pm, 4 min ago. Speaks every 4 hours or when asked.",
        facts=FACTS,
        under_way=(phone_pages.UnderWay("lock it", "Asked by Dana Example", LOCK, "pushed"),),
        ahead=(
            phone_pages.Ahead("Ana gets a last reminder", "Fri, 8 am"),
            phone_pages.Ahead("Records close on this phone.", "Fri, 5 pm"),
            phone_pages.Ahead("Nothing is ever erased because of an update."),
        ),
        about=(
            PlainLine("Person", "Ana Ejemplo", "#p"),
            PlainLine("Owner", "Ana (personal)"),
            PlainLine("Joined", "Mar 3, 2026"),
        ),
        limits_title="We cannot find or fully erase it.",
        limits="It is Ana’s own. We can close records and take back work data.",
        deadline=phone_pages.Deadline(
            "26 hours 28 minutes",
            "Fri, Nov 20, 5 pm, practice time",
            Ruler(0.89, 10, "From Nov 10 to Nov 20, now Nov 19", ("Told Nov 10", "Closes Nov 20")),
        ),
        person_view_url="#v",
        check_url="#c",
    )


def acts() -> phone_pages.ActsPage:
    return phone_pages.ActsPage(
        title="Ben’s iPhone 16",
        crumbs=(Crumb("Phones", BASE), Crumb("Ben’s iPhone 16")),
        tabs=TABS,
        say="What can be done to Ben’s iPhone 16",
        follow="Practice-owned and supervised. Each act shows its proof, not a hope.",
        acts=(
            phone_pages.Act(
                "lock",
                "Lock it",
                "The screen locks and shows the front desk number.",
                "Ben is told.",
                "Undone by the passcode.",
                "Lock it",
            ),
            phone_pages.Act(
                "find",
                "Find it",
                "Asks where it is, once, with your reason kept.",
                "Ben and the privacy officer are told.",
                "",
                "Find it",
                closed_because="Only while it is reported lost.",
            ),
            phone_pages.Act(
                "erase",
                "Erase it",
                "Everything on it goes, for good.",
                "Ben, the officers and the ledger are told.",
                "Cannot be undone.",
                "Erase it",
                danger=True,
                needs_name=True,
            ),
        ),
        commands=(phone_pages.UnderWay("Lock", "1:20 pm", LOCK, "pushed, not yet delivered"),),
        phone_name="Ben’s iPhone 16",
        practice_name="Harbor Street Clinic",
        action="#",
    )


def add() -> add_pages.AddPage:
    return add_pages.AddPage(
        title="Add a phone",
        crumbs=(Crumb("Phones", BASE), Crumb("Add a phone")),
        action="#",
        people=(Choice("", "Shared by several people"), Choice("m", "Ana Ejemplo")),
        label="",
        ownership="practice",
        kind="iphone",
        columns=(
            add_pages.OwnerColumn(
                "The practice’s", ("Lock, find and erase when lost", "Lost mode, if supervised"), ()
            ),
            add_pages.OwnerColumn(
                "The person’s own",
                ("Close records, take back work data",),
                ("Cannot be found", "Cannot be erased", "We never see photos, messages or their apps"),
            ),
        ),
        blocked="",
        blocked_url="",
        waiting=(
            add_pages.Joining("Rounds iPad 4", "#w", "Profile opened 3 minutes ago, not installed yet"),
        ),
        errors=(FieldError("Give the phone a name", "label"),),
    )


def ticket() -> add_pages.TicketPage:
    return add_pages.TicketPage(
        title="Rounds iPad 4",
        crumbs=(Crumb("Phones", BASE), Crumb("Add a phone", "#"), Crumb("Rounds iPad 4")),
        for_whom="Practice-owned iPad, shared by several people.",
        notice="The person sees what we can and cannot see before they install.",
        qr_svg=QR,
        address="https://clinic.example/e/7k2m-qd4x",
        expires="Good until today at 3:02 pm, for one phone.",
        steps=(
            add_pages.JoinStep("Code made", "up", "2:32 pm"),
            add_pages.JoinStep("Code opened on the phone", "up", "2:33 pm"),
            add_pages.JoinStep("Profile installed", "now", "waiting", "The phone asks the person to agree."),
            add_pages.JoinStep("Own certificate received", "open"),
            add_pages.JoinStep("First report", "open"),
            add_pages.JoinStep("Checks judged", "open"),
        ),
        progress_url="#",
        done_url="",
        finished=False,
        say="Rounds iPad 4 is on its way in.",
    )


def case() -> incidents.CasePage:
    return incidents.CasePage(
        title="Ben’s iPhone 16 is lost",
        crumbs=(Crumb("Incidents", BASE), Crumb("Case 2026-011")),
        tabs=(Tab("Case", "#", True), Tab("Exposure worksheet", "#e")),
        say="Ben’s iPhone 16 is lost. Every door we control closed in 3.1 seconds.",
        follow="Reported today at 1:14 pm without sign-in. Nothing has been erased. Led by Dana Example.",
        steps=(
            incidents.CaseStep(1, "done", "Close records", "1:14:17 pm, 3 doors, 3.1 s"),
            incidents.CaseStep(2, "done", "Tell the officers", "Dana, 1:14 pm, opened 1:16 pm"),
            incidents.CaseStep(
                3, "done", "Lock and show a phone number", "", LOCK, "pushed, not yet delivered"
            ),
            incidents.CaseStep(
                4,
                "now",
                "Erase, with a second person",
                "Practice-owned, so it may be erased. Locked, encrypted, last heard 1:09 pm. Waiting is safe for now.",
                action="#",
                action_label="Order the erase",
                confirm=incidents.Confirm(
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
                ),
            ),
            incidents.CaseStep(5, "later", "Decide on exposure", "Worksheet is 7 of 11 filled from facts"),
            incidents.CaseStep(6, "later", "Replace the phone, close the case", ""),
        ),
        timeline_title="What happened, from 4 sources",
        timeline=(
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
        ),
        doors=(
            incidents.Door("Chart app", "0.4 s", True, True),
            incidents.Door("Phone’s certificate", "2.0 s", True, True),
            incidents.Door(
                "Billing portal",
                "close by hand",
                False,
                False,
                "Asks for a password only. Sign-ins there go on.",
            ),
        ),
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
    import dataclasses

    countdown = incidents.Countdown(
        "Starts in 46 seconds",
        "You can stop it until 2:43:10 pm",
        Ruler(0.23, 6, "14 of 60 seconds gone", ("2:42:10", "2:43:10")),
        "#stop",
        "Stop the erase",
        "#",
    )
    return dataclasses.replace(case(), countdown=countdown, waiting_hold_url="")


def exposure() -> incidents.ExposurePage:
    answers = (Choice("yes", "Yes"), Choice("no", "No"), Choice("unknown", "Unknown", True))
    return incidents.ExposurePage(
        title="Exposure worksheet",
        crumbs=(Crumb("Incidents", BASE), Crumb("Case 2026-011", "#"), Crumb("Exposure")),
        tabs=(Tab("Case", "#"), Tab("Exposure worksheet", "#e", True)),
        say="Seven of 11 questions are answered from facts.",
        follow="“Unknown” is an answer. It is never read as no.",
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
        answered="7 of 11 answered",
        decided="",
        may_decide=True,
        decide_url="#",
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
            "9f2c…41ab",
        ),
        EntryLine(
            "48,202",
            "#",
            "today at 1:14:17 pm",
            "Someone, not yet known",
            "reported Ben’s phones lost",
            "report page, no sign-in",
            "2f3a…96ce",
        ),
        EntryLine(
            "48,200",
            "#",
            "today at 11:05:48 am",
            "Dana Example",
            "erased personal data of a person who left in 2025 (name gone, proof kept)",
            "erasure request 14",
            "d6c2…f417",
            True,
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
    import dataclasses

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


SAMPLES: dict[str, tuple[str, str, Callable[[], object]]] = {
    "phones": ("phones", "phones/list.html", lambda: phones_page(phone_rows(), Asked(), CLOCK, base=BASE)),
    "phones-empty": ("phones", "phones/list.html", lambda: phones_page((), Asked(), CLOCK, base=BASE)),
    "phones-none-fit": (
        "phones",
        "phones/list.html",
        lambda: phones_page(phone_rows(), Asked(q="zzz"), CLOCK, base=BASE),
    ),
    "phone": ("phones", "phones/phone.html", phone),
    "acts": ("phones", "phones/acts.html", acts),
    "history": (
        "phones",
        "phones/history.html",
        lambda: phone_pages.HistoryPage(
            "Ana’s iPhone 15",
            (Crumb("Phones", BASE), Crumb("Ana’s iPhone 15")),
            TABS,
            "What happened to Ana’s iPhone 15",
            case().timeline,
        ),
    ),
    "add-phone": ("phones", "phones/add.html", add),
    "ticket": ("phones", "phones/ticket.html", ticket),
    "incidents": (
        "incidents",
        "incidents/list.html",
        lambda: incidents.IncidentsPage(
            "Incidents",
            "One case is open. Its next date is Jan 18.",
            (
                incidents.CaseLine(
                    "#",
                    "2026-011",
                    "Ben’s iPhone 16 is lost",
                    "Contained, erase to decide",
                    True,
                    "Jan 18: tell patients, if a breach",
                    "today at 1:14 pm",
                    "Dana Example",
                ),
                incidents.CaseLine(
                    "#",
                    "2026-010",
                    "Practice: losing a phone",
                    "Closed",
                    False,
                    "",
                    "Wed, Nov 4, 9 am",
                    "Dana Example",
                ),
            ),
            "#",
        ),
    ),
    "incidents-empty": (
        "incidents",
        "incidents/list.html",
        lambda: incidents.IncidentsPage("Incidents", "No incidents so far.", (), "#"),
    ),
    "case": ("incidents", "incidents/case.html", case),
    "case-counting": ("incidents", "incidents/case.html", counting),
    "exposure": ("incidents", "incidents/exposure.html", exposure),
    "decision": ("people", "decisions/decision.html", decision),
    "ledger": ("proof", "ledger/ledger.html", ledger),
    "ledger-broken": ("proof", "ledger/ledger.html", broken_ledger),
    "entry": ("proof", "ledger/entry.html", entry),
    "home-lost": (
        "home",
        "home/home.html",
        lambda: home_page(
            WORLDS["lost_phone"],
            CLOCK,
            base=BASE,
            lost_address="clinic.example/l/k7m2qd",
            since_title="Since yesterday, 6:10 pm",
            since=(Happening("1:14 pm", "Ben’s iPhone 16 reported lost."),),
        ),
    ),
    "home-empty": (
        "home",
        "home/home.html",
        lambda: home_page(WORLDS["no_phones"], CLOCK, base=BASE, lost_address="clinic.example/l/k7m2qd"),
    ),
    "home-solo": (
        "home",
        "home/solo.html",
        lambda: home_page(WORLDS["solo"], CLOCK, base=BASE, lost_address="clinic.example/l/k7m2qd"),
    ),
}
