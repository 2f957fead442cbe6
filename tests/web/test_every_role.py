"""Every role at every address of a filled practice, with the ids of things that are really there.

The table says per family of pages who may see it and who may act; an address in no family fails, and so does
one that opens to a role without the right, or is closed to one that has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern

from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.practice.api import ROLES, Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.spine.api import practice_scope
from pocketward.web.urls import urlpatterns
from tests.browser.second_states import Gaps, work
from tests.browser.served import full_practice
from tests.web.clinic import Clinic
from tests.web.conftest import Browser
from tests.web.test_every_address import OF_A_PRACTICE

OFFICERS = {"owner", "privacy_officer", "security_officer", "it_lead"}
READERS = OFFICERS | {"compliance_lead", "auditor"}
STAFF = set(ROLES) - {"service_technician"}
TECHNICIAN = {"service_technician"}
KEEPERS = {"owner", "it_lead"}


@dataclass(frozen=True)
class Family:
    """Pages that the same roles may see (GET) and act on (POST)."""

    see: set[str]
    act: set[str]
    names: str

    def __contains__(self, name: object) -> bool:
        """Whether an address is of this family."""
        return name in self.names.split()


FAMILIES = (
    # What is everybody's own.
    Family(
        STAFF, STAFF,
        "me my-phone my-phone-check my-phone-restore my-phone-confirm fix held vouch emergency "
        "my-phone-lost my-phone-reported",
    ),
    # What those read who answer for the practice, and officers change.
    Family(
        READERS, OFFICERS,
        "home tasks phones-bulk phones-removed phone-check phone-history phone-approve phone-stop incidents "
        "playbook playbook-pdf case case-known case-place case-lost-mode case-without case-replace "
        "case-whose "
        "case-management case-body case-exposure case-close case-pdf case-take case-confirm case-reverse "
        "case-locate case-erase case-doors case-approve case-stop case-door people person-add people-roles "
        "people-import provider-end person person-invite person-roles person-site person-leave "
        "ledger ledger-export "
        "ledger-entry decisions decision records record-add access-authority record record-mode "
        "record-remove "
        "networks network-forget permit permit-end rules rules-edit role-matrix role-matrix-csv card search",
    ),
    # Checking the ledger changes nothing: whoever reads may.
    Family(READERS, READERS, "ledger-verify"),
    # Whether it was a breach is the privacy officer's word alone.
    Family(READERS, {"privacy_officer"}, "case-decide"),
    # Who may let the IT provider in: owners.
    Family(READERS, {"owner"}, "provider provider-invite"),
    # Phones are the IT provider's work too, to look at.
    Family(READERS | TECHNICIAN, OFFICERS, "phones phones-csv phone"),
    # What waits for a second person.
    Family(OFFICERS | TECHNICIAN, OFFICERS, "guard"),
    Family(OFFICERS | TECHNICIAN, OFFICERS | TECHNICIAN, "order-approve change-approve"),
    # What shows joining codes, orders, setup and emergencies: officers.
    Family(
        OFFICERS, OFFICERS,
        "phone-add phone-ticket phone-progress phone-remove-ticket phone-acts emergency-reviews "
        "emergency-review setup practice "
        "practice-on-call practice-sites practice-legacy "
        "guard-propose guard-approve guard-cancel change-cancel",
    ),
    # Apple's push certificate and its key.
    Family(OFFICERS, KEEPERS, "push-certificate"),
    Family(KEEPERS, KEEPERS, "push-request push-request-file"),
)  # fmt: skip
# What an act must be told, where saying nothing means a thing that is not there.
TOLD = {
    "case-whose": {"who": "{member_id}"},
    "practice-sites": {"act": "add", "site_name": "North"},
}
# Acts on one of one's own phones, which the address names.
OF_ONES_OWN = ("my-phone-restore", "my-phone-confirm")
# Under the address of their own practice: what is not there has ended already, or cannot be answered by the
# guard, and nothing more is told.
NOWHERE_SAYS = {
    "provider-end": 302, "permit-end": 302, "guard-approve": 400, "guard-cancel": 400, "change-approve": 400,
    "change-cancel": 400,
}  # fmt: skip
# Addresses outside a practice: what a stranger and what a signed-in person gets from a GET. The refusal here
# met nobody known: whoever met it reads it.
OUTSIDE = {
    "root": (302, 302), "sign-in": (200, 200), "sign-out": (302, 200), "account": (302, 200),
    "passkey": (302, 200), "password": (302, 200), "recovery": (302, 200), "end-session": (405, 405),
    "open-app": (302, 302), "refused": (200, 200), "refused-in": (200, 200), "lost": (302, 302),
    "lost-here": (200, 200), "start": (200, 200), "join": (200, 200), "stop": (200, 200), "demo": (200, 200),
}  # fmt: skip
# Whoever works here goes on to the record system's own gate with a code; a technician does not work here.
ENTRANCE = "https://ehr.example.org/.pocketward/session?code="


def family_of(pattern: URLPattern) -> Family:
    """The one family that an address is of."""
    (found,) = [family for family in FAMILIES if pattern.name in family]
    return found


def address(pattern: URLPattern, gaps: Gaps) -> str:
    """The pattern's address with the real ids in its gaps."""
    text, page = str(pattern.pattern), str(pattern.name)
    for gap in pattern.pattern.converters:
        value = gaps.get(f"{page}.{gap}") or gaps[gap]
        text = text[: text.index("<")] + value + text[text.index(">") + 1 :]
    return f"/{text}" + ("?phone={own}".format(**gaps) if page in OF_ONES_OWN else "")


def told(pattern: URLPattern, gaps: Gaps) -> dict[str, str]:
    """What is sent to an address."""
    return {name: words.format(**gaps) for name, words in TOLD.get(str(pattern.name), {}).items()}


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is taken back: each address meets the same practice."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def is_turned_away(answer: HttpResponse, role: str, name: str) -> bool:
    """Whether this is how somebody without the right is answered."""
    if name in FAMILIES[0]:
        return answer.status_code == 404
    place = answer.headers.get("Location", "")
    own = "/setup/guard/" if role == "service_technician" else "/me/"
    return answer.status_code == 403 or (answer.status_code == 302 and place.endswith(own))


@pytest.fixture
def gaps(practice: PracticeRecord, owner: Member, people: dict[str, Member], home: Path) -> Gaps:
    """Real ids of a filled practice, by the gap that they fill; the technician joins the people."""
    (home / "db").mkdir(exist_ok=True)
    found = full_practice(practice, owner, people["security_officer"], home)
    (grant,) = practice_api.service_grants(practice_id=practice.id)
    people["service_technician"] = practice_api.get_member(member_id=grant.member_id)
    return found | {"slug": practice.slug}


@pytest.fixture
def people(practice: PracticeRecord, owner: Member) -> dict[str, Member]:
    """One person for each role, who holds no other."""
    return {
        role: practice_api.add_member(
            practice_id=practice.id, full_name=f"Rae {role.title()}", email=f"{role}@example.org",
            role_names=(role,), by="system:test",
        )
        for role in practice_api.ASSIGNABLE
    }  # fmt: skip


@pytest.fixture
def own(practice: PracticeRecord, gaps: Gaps, people: dict[str, Member]) -> dict[str, Gaps]:
    """What is each role's own: a phone without a passcode, and their own report that it is lost."""
    clinic, found = Clinic(practice), {}
    clinic.made = 100
    for role in STAFF:
        phone = clinic.phone(f"The phone of {role}", member=people[role])
        clinic.report(phone, passcode_present=False)
        case_ref = response_api.report_device(
            device_id=phone, when_seen="now", callback="", network="n" * 64, by_member_id=people[role].id
        )
        found[role] = {"own": public_id("dev", phone), "my-phone-reported.case_ref": case_ref}
    work()
    return found


def test_every_address_is_of_one_family() -> None:
    names = [name for family in FAMILIES for name in family.names.split()]
    assert sorted(names) == sorted(str(pattern.name) for pattern in OF_A_PRACTICE)
    assert sorted(OUTSIDE) == sorted(
        str(pattern.name) for pattern in urlpatterns if pattern not in OF_A_PRACTICE
    )
    assert set(ROLES) == STAFF | TECHNICIAN


def faults_of(browser: Client, role: str, gaps: Gaps, unknown: set[str]) -> list[str]:
    """What one role meets that the table does not say. `unknown`: methods that an address does not have."""
    faults = []
    for pattern in OF_A_PRACTICE:
        family, place = family_of(pattern), address(pattern, gaps)
        for ask, may in ((browser.get, family.see), (browser.post, family.act)):
            asked = f"{ask.__name__} {pattern.name}"
            if asked in unknown:
                continue
            with undone():
                answer = ask(place, told(pattern, gaps))
            if answer.status_code == 405:
                unknown.add(asked)
                continue
            away = is_turned_away(answer, role, str(pattern.name))
            # Who may finds the real thing: "not there" would hide that a page opens to nobody.
            is_lost = answer.status_code == 404 and role in may
            if away is (role in may) or is_lost or answer.status_code >= 500:
                faults.append(f"{role} {asked}: {answer.status_code}")
    return faults


def test_every_role_meets_what_the_table_says_at_every_address(
    gaps: Gaps, people: dict[str, Member], own: dict[str, Gaps], browser_of: Browser
) -> None:
    faults, unknown = [], set[str]()
    for role in ROLES:
        browser = signed_in(browser_of, people[role])
        faults += faults_of(browser, role, gaps | own.get(role, own["owner"]), unknown)
        faults += faults_outside(browser, role, gaps)
    assert faults == []
    assert faults_outside(Client(HTTP_HOST="localhost"), "", gaps) == []
    assert faults_of_strangers(gaps | own["owner"], browser_of) == []


def signed_in(browser_of: Browser, person: Member) -> Client:
    """The person's browser, with what their coming in set off done: else each page would do it anew."""
    worked = browser_of(person)
    work()
    browser = Client(HTTP_HOST="localhost")
    browser.cookies = worked.cookies
    return browser


def faults_outside(browser: Client, role: str, gaps: Gaps) -> list[str]:
    """What the addresses outside practices answer other than the table says; no role: a stranger."""
    faults = []
    for pattern in (pattern for pattern in urlpatterns if pattern not in OF_A_PRACTICE):
        expected = OUTSIDE[str(pattern.name)][bool(role)]
        with undone():
            answer = browser.get(address(pattern, gaps))
        if pattern.name == "open-app" and role:
            is_let_on = answer.headers.get("Location", "").startswith(ENTRANCE)
            expected = 404 if role in TECHNICIAN else 302 if is_let_on else 0
        if answer.status_code != expected:
            faults.append(f"{role or 'stranger'} {pattern.name}: {answer.status_code}")
    return faults


def faults_of_strangers(gaps: Gaps, browser_of: Browser) -> list[str]:
    """What people of another practice, one of each role, find here or under their own practice's address."""
    other = Context().run(practice_api.create_practice, name="Lakeview Counseling", by="system:test")
    faults = []
    for role, person in Context().run(_staff_of, other).items():
        browser = Context().run(signed_in, browser_of, person)
        faults += [f"{role} {fault}" for fault in _faults_at(browser, gaps, OF_A_PRACTICE, {})]
        # Under their own address an id of ours is nothing to those who would see or act on it.
        ids = [
            pattern
            for pattern in OF_A_PRACTICE
            if set(pattern.pattern.converters) - {"slug", "name", "check", "index"}
            and role in family_of(pattern).see & family_of(pattern).act
        ]
        there = gaps | {"slug": other.slug}
        faults += [f"{role} {fault}" for fault in _faults_at(browser, there, ids, NOWHERE_SAYS)]
    return faults


def _staff_of(other: PracticeRecord) -> dict[str, Member]:
    """One person of each role in another practice, in whose scope nothing of it may be left behind."""
    with practice_scope(other.id):
        staff = {
            role: practice_api.add_member(
                practice_id=other.id, full_name=f"Lee {role.title()}", email=f"lee.{role}@example.org",
                role_names=(role,), by="system:test",
            )
            for role in practice_api.ASSIGNABLE
        }  # fmt: skip
        technician = practice_api.give_service_grant(
            practice_id=other.id, until=clock.now() + timedelta(days=30), by_member_id=staff["owner"].id,
            provider="Lake IT", full_name="Tom Elsewhere", email="tom@helpdesk.example",
        )  # fmt: skip
        return staff | {"service_technician": practice_api.get_member(member_id=technician)}


def _faults_at(
    browser: Client, gaps: Gaps, patterns: Sequence[URLPattern], quiet: Mapping[str, int]
) -> list[str]:
    """Every answer that is neither "not there" nor the little that `quiet` says."""
    faults = []
    for pattern in patterns:
        for ask in (browser.get, browser.post):
            with undone():
                status = Context().run(ask, address(pattern, gaps)).status_code
            if status not in (404, 405, quiet.get(str(pattern.name))):
                faults.append(f"{ask.__name__} {gaps['slug']} {pattern.name}: {status}")
    return faults
