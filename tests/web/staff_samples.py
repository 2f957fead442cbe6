"""One page model of each staff page, in the active language: what templates are tried with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from django.utils import translation

from pocketward.web.components.clock import Clock
from pocketward.web.components.crumbs import Choice, PlainLine
from pocketward.web.components.notice_page import NoticePage
from pocketward.web.components.shell import PhoneNumber
from pocketward.web.emergency.pages import EmergencyOpenPage, EmergencyPage
from pocketward.web.lost.form import LostAnswers
from pocketward.web.lost.pages import ask_page, code_page, done_page
from pocketward.web.my_phone.pages import (
    CheckLine,
    FixCard,
    FixPage,
    FixStep,
    HeldGroup,
    HeldLine,
    HeldPage,
    LosePage,
    MyPhonePage,
    ReportedLine,
    ReportedPage,
    StaffHomePage,
    Tile,
)
from pocketward.web.refused.pages import OtherWay, RefusedPage
from pocketward.web.setup.levels import level_choices
from pocketward.web.setup.pages import StartPage
from pocketward.web.sign_in.pages import (
    AccountPage,
    LinkPage,
    PasskeyLine,
    PasskeyPage,
    PasswordPage,
    SessionLine,
    SignInPage,
)
from tests.web.samples_phones import APPS
from tests.web.worlds import NOW

NUMBER = PhoneNumber("555-0143", "+15550100143")
ANSWERS = LostAnswers("Ben Sample", "today", "555-0155")


def clock() -> Clock:
    """The worlds' clock in the active language."""
    return Clock(NOW, ZoneInfo("America/New_York"), "es" if translation.get_language() == "es" else "en")


MY_PHONE = MyPhonePage(
    "My phone",
    "fix",
    "Your iPhone needs one fix by tomorrow at 5 pm.",
    "Without it, records close on this phone. They open again by themselves when it is done.",
    (
        CheckLine("fix", "Safety update", "You have 26.0.1. You need 26.1.", "#"),
        CheckLine("ok", "Passcode", "You have one"),
        CheckLine("unknown", "Screen lock time", "Your own phone does not tell us"),
    ),
    "#",
    "Last checked 2:28 pm, 4 minutes ago",
    (
        HeldLine("Model and name", "Ana’s iPhone 15"),
        HeldLine("That a passcode is set, never the passcode", ""),
    ),
    ("Your photos, messages, calls or notes", "Where you are"),
    (HeldLine("Each report", "90 days"),),
    "#",
    "#",
    FixCard("Install the November 9 safety update", "20 minutes", "Wi-Fi and a charger", "#"),
    True,
    apps=APPS,
)
REFUSED = RefusedPage(
    "Records are closed",
    "closed",
    "Records are closed on this phone. One minute opens them.",
    "We have not heard from it since Wednesday, 7:38 am. That is 26 hours. The limit is 24.",
    (),
    "Stay on this page, on any Wi-Fi.",
    "#",
    "#",
    (
        OtherWay("tablet", "Use another device of the practice", "Any that is protected"),
        OtherWay("call", "Call the front desk", "555-0142", "tel:+15550100142"),
    ),
    "A phone that is silent may be lost. We cannot tell, so we wait for a word from it.",
    "Call the front desk and name this number.",
    "dec_7q2m4kk3v5",
)

LOSE = LosePage(
    "I have lost my phone",
    "#",
    (Choice("dev_1", "Ana’s iPhone 15", True, "You are using it now."),),
    (Choice("dev_2", "Rounds iPad 1"),),
    False,
    "today",
    "555-0155",
    "Choose the phone or the tablet.",
    "#",
    "#",
)

STAFF_SAMPLES: dict[str, tuple[str, Callable[[], object]]] = {
    "lost": ("lost/ask.html", lambda: ask_page(action="/l/x")),
    "lost-error": ("lost/ask.html", lambda: ask_page(action="/l/x", incomplete=True)),
    "lost-code": ("lost/code.html", lambda: code_page(action="/lost", unknown=True)),
    "lost-done": (
        "lost/done.html",
        lambda: done_page(
            action="/l/x", answers=ANSWERS, number=NUMBER, clock=clock(), received_at=clock().now
        ),
    ),
    "lost-again": (
        "lost/done.html",
        lambda: done_page(
            action="/l/x",
            answers=replace(ANSWERS, wish="again"),
            number=NUMBER,
            clock=clock(),
            received_at=clock().now,
        ),
    ),
    "staff-home": (
        "my_phone/home.html",
        lambda: StaffHomePage(
            "Home",
            "Hello, Ana. Your iPhone needs one fix by tomorrow.",
            (
                Tile("phone", "My phone", "One fix, about 20 minutes", "#", "fix", "Needs a fix"),
                Tile("ring", "Something is wrong", "Lost, strange, or not as it should be", "#"),
            ),
            "#",
            "#",
            "#",
        ),
    ),
    "my-phone": ("my_phone/phone.html", lambda: MY_PHONE),
    "lose": ("my_phone/lose.html", lambda: LOSE),
    "lose-nothing": ("my_phone/lose.html", lambda: replace(LOSE, phones=(), tablets=(), error="")),
    "reported": (
        "my_phone/reported.html",
        lambda: ReportedPage(
            "What became of your report",
            "Records are closed on Ana’s iPhone 15.",
            "Reported today at 1:14 pm.",
            (ReportedLine("lock", "The phone itself", "It has answered: it is locked."),),
            NUMBER,
            False,
            "#",
            "#",
        ),
    ),
    "fix-it": (
        "my_phone/fix.html",
        lambda: FixPage(
            "Set a passcode",
            "Set a passcode on this phone.",
            "Anyone who finds it can open patient records.",
            "1 minute",
            ("Nothing else",),
            "On your iPhone",
            (
                FixStep("Open", "Settings"),
                FixStep("Tap", "Face ID & Passcode"),
                FixStep("Tap", "Turn Passcode On", "and choose six figures or more"),
            ),
            "#",
            "Answers within 10 seconds. We read only whether a passcode is set.",
            "You can move it once, to Monday at 8 am.",
            "Your phone says: no passcode, read 2:28 pm.",
            "Call the front desk: 555-0142.",
            "#",
        ),
    ),
    "held": (
        "my_phone/held.html",
        lambda: HeldPage(
            "What we hold",
            "Everything we hold about you.",
            "Read from the stored rows a moment ago.",
            (
                HeldGroup(
                    "Your name and work",
                    "",
                    (HeldLine("Name", "Ana Ejemplo"), HeldLine("Work e-mail", "ana@example.org")),
                ),
                HeldGroup(
                    "Ana’s iPhone 15", "Said by the phone.", (HeldLine("iOS version", "26.0.1", "4 min ago"),)
                ),
                HeldGroup("Where you are", "Only while a practice-owned phone is reported lost.", ()),
            ),
            "#",
        ),
    ),
    "refused": ("refused/refused.html", lambda: REFUSED),
    "refused-enroll": (
        "refused/refused.html",
        lambda: replace(
            REFUSED,
            mark="unknown",
            say="This device is not known here.",
            text="Records open only on devices that have joined the practice.",
            enroll=True,
            enroll_steps=("Ask your IT lead for a code.", "Scan it with this phone’s camera."),
            check_url="",
            emergency_url="",
        ),
    ),
    "sign-in": (
        "sign_in/sign_in.html",
        lambda: SignInPage(
            "Sign in",
            "#",
            "{}",
            "/",
            True,
            "/lost",
            "That did not work. Try again, or ask an officer for a new invitation.",
            "ana@example.org",
        ),
    ),
    "passkey": (
        "sign_in/passkey.html",
        lambda: PasskeyPage("Make your passkey", "#", "{}", True, "Make your passkey."),
    ),
    "join": (
        "sign_in/link.html",
        lambda: LinkPage(
            "Join",
            "#",
            "Ana, join Harbor Street Clinic.",
            "Next you make a passkey on this device. The invitation works once.",
            "Go on",
        ),
    ),
    "account": (
        "sign_in/account.html",
        lambda: AccountPage(
            "You",
            "ana@example.org",
            (PasskeyLine("Ana’s phone", "May be copied to your other devices", "Mar 3"),),
            (
                SessionLine(1, "Safari on iPhone", "198.51.100.7, 2 min ago", True),
                SessionLine(2, "Firefox on Windows", "203.0.113.9, 3 days ago", False),
            ),
            "#",
            "#",
            "#",
            "#",
            (PlainLine("Harbor Street Clinic", "", "#"),),
        ),
    ),
    "password": (
        "sign_in/password.html",
        lambda: PasswordPage("Password and code", "#", "ABCD EFGH", "<svg></svg>", "Try again."),
    ),
    "emergency": (
        "emergency/ask.html",
        lambda: EmergencyPage(
            "Emergency access",
            "#",
            (Choice("a", "Chart app"),),
            (
                Choice("patient", "A patient needs care now"),
                Choice("closed", "My phone is closed and I cannot wait"),
            ),
            error="Choose which records.",
        ),
    ),
    "emergency-open": (
        "emergency/open.html",
        lambda: EmergencyOpenPage(
            "Open",
            "Chart app is open until 3:02 pm.",
            "Dana has been told. Records close again by themselves.",
            "#",
            "Open chart app",
        ),
    ),
    "start": (
        "setup/start.html",
        lambda: StartPage(
            "Start",
            "#",
            {"practice": "Harbor Street Clinic"},
            (Choice("America/New_York", "New York", True),),
            level_choices(0),
            "This link works until today at 3:02 pm, once.",
            True,
            "",
        ),
    ),
    "notice": (
        "components/notice.html",
        lambda: NoticePage(
            "Not here",
            "This page is not here.",
            "It may have moved, or it belongs to somebody else.",
            "/",
            "To the start",
            "unknown",
        ),
    ),
}
