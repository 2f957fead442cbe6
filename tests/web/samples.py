"""One page model of each console page, by name: what templates are tried with."""

from __future__ import annotations

from collections.abc import Callable

from pocketward.web.components.crumbs import Crumb
from pocketward.web.components.shell import Section
from pocketward.web.home.pages import Happening, home_page
from pocketward.web.incidents import pages as incidents
from pocketward.web.phones import phone_pages
from pocketward.web.phones.list_pages import Asked, phones_page
from tests.web import samples_setup
from tests.web.samples_cases import broken_ledger, case, counting, decision, entry, exposure, ledger, nobody
from tests.web.samples_phones import BASE, TABS, acts, add, numbers, phone, phone_rows, removed, ticket
from tests.web.worlds import CLOCK, WORLDS

SAMPLES: dict[str, tuple[Section, str, Callable[[], object]]] = {
    "phones": (
        "phones",
        "phones/list.html",
        lambda: phones_page(phone_rows(), numbers(phone_rows()), Asked(), CLOCK, base=BASE),
    ),
    "phones-empty": (
        "phones",
        "phones/list.html",
        lambda: phones_page((), numbers(()), Asked(), CLOCK, base=BASE),
    ),
    "phones-none-fit": (
        "phones",
        "phones/list.html",
        lambda: phones_page((), numbers(phone_rows(), 0), Asked(q="zzz"), CLOCK, base=BASE),
    ),
    "phone": ("phones", "phones/phone.html", phone),
    "phones-removed": ("phones", "phones/removed.html", removed),
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
    "case-nobody": ("incidents", "incidents/case.html", nobody),
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
    "records": ("", "setup/records.html", samples_setup.records),
    "record": ("", "setup/record.html", samples_setup.record),
    "record-new": ("", "setup/record.html", lambda: samples_setup.record(new=True)),
    "networks": ("", "setup/networks.html", samples_setup.networks),
    "rules": ("", "setup/rules.html", samples_setup.rules),
    "edit-rules": ("", "setup/edit_rules.html", samples_setup.edit_rules),
    "edit-rules-wrong": ("", "setup/edit_rules.html", lambda: samples_setup.edit_rules(wrong=True)),
    "role-matrix": ("", "setup/access.html", samples_setup.access),
    "practice": ("", "setup/practice.html", samples_setup.practice),
}
