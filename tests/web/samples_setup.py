"""Page models of set-up: what its templates are tried with."""

from __future__ import annotations

from pocketward.web.components.crumbs import Choice, Crumb, FieldError, PlainLine, Tab
from pocketward.web.setup.access_pages import AccessPage, Cell, MatrixLine, RuleLine
from pocketward.web.setup.doors import door_kind, door_kinds
from pocketward.web.setup.levels import level_choices
from pocketward.web.setup.networks_pages import NetworkLine, NetworksPage, PermitLine
from pocketward.web.setup.practice_pages import PracticePage, Rank, SiteLine
from pocketward.web.setup.records_pages import RecordLine, RecordPage, RecordsPage
from pocketward.web.setup.rules_pages import ChangeLine, EditRulesPage, Preview, RulesPage, VersionLine

TABS = (Tab("Steps", "#"), Tab("Record systems", "#", True), Tab("Networks", "#"), Tab("Rules", "#"))
CRUMBS = (Crumb("Set up", "#"), Crumb("Record systems", "#"), Crumb("Harbor Records"))
PEOPLE = (Choice("1", "Dana Example", True), Choice("2", "Erin Placeholder"))


def records() -> RecordsPage:
    """Two systems, one only watched."""
    return RecordsPage(
        "Record systems", TABS, "1 of 2 doors closes by itself.", "Every system that holds records.",
        (
            RecordLine(
                "#", "Harbor Records", door_kind("proxied"), "Records in Harbor Records are closed.",
                "ehr.example.org", "Only watched", "It would have refused 3 times in 7 days.",
                "2 answers went to devices that are not checked.",
            ),
            RecordLine("#", "Billing portal", door_kind("account"), "Not closed yet.", "", "", "", ""),
        ),
        "#", (PlainLine("Revocation list", "https://devices.example.org/device/prac_x/crl.crl"),), "#",
        "pocketward proxy --out /etc/pocketward",
        "A gate that has heard nothing for 30 seconds refuses every request.",
    )  # fmt: skip


def record(*, new: bool = False) -> RecordPage:
    """A system's form: a new one with a fault, or a standing one."""
    values = {"name": "Harbor Records", "hosts": "ehr.example.org", "notes": "/notes", "session_hours": "12"}
    modes = (Choice("enforce", "Enforce", True, "Refused."), Choice("watch", "Only watch", False, "Gets in."))
    if new:
        fault = FieldError("A door at our gate needs 1 to 8 host names.", "hosts")
        return RecordPage(
            "Add a record system", CRUMBS, "Add a record system.", "Watch first.", "", values,
            door_kinds("proxied"), modes, errors=(fault,),
        )  # fmt: skip
    return RecordPage(
        "Harbor Records", CRUMBS, "Records in Harbor Records are closed for this device.", "So a case says.",
        "", values, door_kinds("proxied"), (), "Enforced", "Refused 3 times in 7 days.", "Only watched, …",
        "Only watch from now on", "#", "#", prove_url="/sign-in/",
    )  # fmt: skip


def networks() -> NetworksPage:
    """A permit that runs, one that is over, one network."""
    permit = PermitLine(
        "Harbor Records", "clinic-wifi", "front desk computer", "Dana Example, Nov 19", "Dec 19", True, "#"
    )
    over = PermitLine("Harbor Records", "lab", "blood results", "Dana Example, Nov 1", "Nov 8", False, "")
    return NetworksPage(
        "Networks", TABS, "1 permit lets in devices that are not checked.", "Only from a named network.",
        (NetworkLine("clinic-wifi", "203.0.113.0/28"),), (permit,), (over,),
        (Choice("1", "Harbor Records"),), (Choice("clinic-wifi", "clinic-wifi"),), {"until": "2026-12-19"},
        "#", "#", "198.51.100.7", True,
    )  # fmt: skip


def rules() -> RulesPage:
    """The rules in force, changed once."""
    return RulesPage(
        "Rules", TABS, "Version 1 of the rules is in force.", "What is asked of every phone.",
        ("Phones have a passcode of at least 6.", "No app is required."), "version: 1\npasscode: {}\n",
        (VersionLine("1", "Dana Example", "today at 2 pm", "our first rules", "#"),), "#",
        (Choice("#", "Start from the clinic’s rules"),),
    )  # fmt: skip


def edit_rules(*, wrong: bool = False) -> EditRulesPage:
    """The file with a wrong line, or with what it would do."""
    if wrong:
        fault = FieldError("Line 2: the rule passcode needs min_length between 4 and 16.", "text")
        return EditRulesPage(
            "Change the rules", CRUMBS, "Change the rules.", "Nothing happens before you keep it.",
            "version: 1\npasscode: {min_length: 60}\n", "1", "", 2, None, "/sign-in/", (fault,),
        )  # fmt: skip
    preview = Preview(
        (ChangeLine("Phones have a passcode of at least 6.", "Phones have a passcode of at least 8."),),
        (PlainLine("iPad, shared", "3"), PlainLine("iPhone, personal", "2")), (PlainLine("Ben’s iPhone"),),
        "1 rule would change; 5 of 12 phones feel it.",
    )  # fmt: skip
    return EditRulesPage(
        "Change the rules", CRUMBS, preview.say, "Nothing happens before you keep it.", "version: 1\n", "1",
        "", 0, preview,
    )  # fmt: skip


def access() -> AccessPage:
    """The matrix with two roles."""
    cells = tuple(
        Cell(f"clinician:{name.lower()}", f"Clinician: {name}", name != "Billing") for name in COLUMNS
    )
    none = tuple(Cell(f"auditor:{name.lower()}", f"Auditor: {name}", False) for name in COLUMNS)
    return AccessPage(
        "Roles and records", TABS, "4 of 9 people may open records.", "What no rule opens is refused.",
        COLUMNS, (MatrixLine("Clinician", "4", cells), MatrixLine("Auditor", "–", none)),
        (RuleLine("Clinician: opens notes, calendar, when", ("they signed in with a passkey",)),),
        (PlainLine("1: the rules to start with", "Pocketward, Nov 19"),), "#", True,
    )  # fmt: skip


COLUMNS = ("Notes", "Calendar", "Billing")


def practice() -> PracticePage:
    """The details of a clinic."""
    return PracticePage(
        "Practice details", TABS, "Harbor Street Clinic", "What people read on cards.",
        {"name": "Harbor Street Clinic", "front_desk_phone": "555-0142", "emergency_phone": "555-0143"},
        (Choice("America/New_York", "New York", True),), level_choices(2), True,
        (Rank(1, PEOPLE), Rank(2, PEOPLE)),
        "Grace Pattern", "#", "#", False, (PlainLine("Lost-phone address", "localhost:8000/l/abc123"),), "#",
        (SiteLine("site_1", "Main Street", "1 Main Street"),),
    )  # fmt: skip
