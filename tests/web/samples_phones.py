"""Page models of phones, filled with invented data."""

from __future__ import annotations

from collections import Counter

from pocketward.overview.api import WORST_FIRST, PhoneCounts
from pocketward.web.components.crumbs import Choice, Crumb, FieldError, PlainLine, Tab
from pocketward.web.components.facts import FactLine
from pocketward.web.components.ladder import Ruler, Rung, climb
from pocketward.web.components.words import Status
from pocketward.web.phones import add_pages, phone_pages
from pocketward.web.phones.app_lines import AppLine
from pocketward.web.phones.list_pages import PhoneRow, RemovedPage

# ruff: noqa: E501 - invented texts read better on one line than broken up
from tests.web.worlds import NAMES, ago

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


APPS = (
    AppLine(
        "Harbor Records 1.9", "Installing", "The phone is fetching it.", "2 min ago",
        (Rung("up", "Queued", ""), Rung("up", "Installing", "2 min ago"), Rung("now", "Managed", "")), False,
    ),
    AppLine("Harbor Messages 2.0", "Managed", "", "4 min ago", (), True),
)  # fmt: skip


def phone_rows() -> tuple[PhoneRow, ...]:
    """Twelve phones, four of them worth a look."""
    states: dict[int, tuple[Status, str]] = {
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
    )


def numbers(rows: tuple[PhoneRow, ...], found: int | None = None) -> PhoneCounts:
    """The numbers around these rows, when `found` of them fit the question."""
    counted = Counter(row.status for row in rows)
    return PhoneCounts(
        total=len(rows),
        by_status={status: counted[status] for status in WORST_FIRST},
        shared=sum(1 for row in rows if row.shared),
        personal=sum(1 for row in rows if row.ownership == "personal"),
        our_fault=0,
        longest_silent_since=None,
        heard_last=None,
        found=len(rows) if found is None else found,
    )


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
TABS = (Tab("Overview", "#", True), Tab("History", "#h"), Tab("Close, lock, erase", "#x"))


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
        apps=APPS,
    )


def removed() -> RemovedPage:
    """Two phones that left the list."""
    return RemovedPage(
        title="Phones off the list",
        crumbs=(Crumb("Phones", BASE), Crumb("Off the list")),
        say="2 phones are off the list.",
        follow="None of them opens records. Each can be put back from its page.",
        lines=(
            PlainLine("Carla’s iPhone 12", "Mon, Nov 16, 9:12 am", "#c"),
            PlainLine("Old rounds iPad", "Mar 3, 2026", "#o"),
        ),
    )


WAITING = (
    phone_pages.WaitingOrder(
        "Erase it",
        "Grace Placeholder asked for it, today at 2:20 pm. It leaves only after your yes, or that of another"
        " officer.",
        "#approve",
        "#stop",
    ),
)


def acts() -> phone_pages.ActsPage:
    return phone_pages.ActsPage(
        title="Ben’s iPhone 16",
        crumbs=(Crumb("Phones", BASE), Crumb("Ben’s iPhone 16")),
        tabs=TABS,
        waiting=WAITING,
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
        again_url="#",
    )
