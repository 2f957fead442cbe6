"""Every role at every address of a filled practice, with the ids of things that are really there.

The table says per family of pages who may see it and who may act; an address in no family fails, and so does
one that opens to a role without the right, or is closed to one that has it.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from pocketward.practice import api as practice_api
from pocketward.practice.api import ROLES, Member, PracticeRecord
from pocketward.spine.api import practice_scope, run_due
from pocketward.web.urls import urlpatterns
from tests.browser.served import full_practice
from tests.web.conftest import Browser
from tests.web.test_every_address import OF_A_PRACTICE, SOME_ID
from tests.web.test_provider_page import FORM

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
        "phone-add phone-ticket phone-progress phone-acts emergency-reviews emergency-review setup practice "
        "practice-on-call practice-sites practice-legacy "
        "guard-propose guard-approve guard-cancel change-cancel",
    ),
    # Apple's push certificate and its key.
    Family(OFFICERS, KEEPERS, "push-certificate"),
    Family(KEEPERS, KEEPERS, "push-request push-request-file"),
)  # fmt: skip
# Pages about a phone of one's own: these people have none, so there is nothing for any of them.
OF_OWN_PHONE = ("my-phone-check", "my-phone-restore", "my-phone-confirm", "fix", "my-phone-reported")
# Acts on ids that these tests have no thing for; those of another practice answer as those that never were.
NOWHERE_SAYS = (
    "provider-end", "permit-end", "guard-approve", "guard-cancel", "change-approve", "change-cancel",
)  # fmt: skip
# Addresses outside a practice: what a stranger and what a signed-in person gets from a GET; None for what
# depends on their phone. The refusal here met nobody known: whoever met it reads it.
OUTSIDE = {
    "root": (302, 302), "sign-in": (200, 200), "sign-out": (302, 200), "account": (302, 200),
    "passkey": (302, 200), "password": (302, 200), "recovery": (302, 200), "end-session": (405, 405),
    "open-app": (302, None), "refused": (200, 200), "refused-in": (200, 200), "lost": (302, 302),
    "lost-here": (200, 200), "start": (200, 200), "join": (410, 410), "stop": (410, 410), "demo": (410, 410),
}  # fmt: skip


def family_of(pattern: URLPattern) -> Family:
    """The one family that an address is of."""
    (found,) = [family for family in FAMILIES if pattern.name in family]
    return found


def address(pattern: URLPattern, gaps: dict[str, str]) -> str:
    """The pattern's address with the real ids in its gaps."""
    text = str(pattern.pattern)
    for name, converter in pattern.pattern.converters.items():
        kind = {"UUIDConverter": "uuid", "SlugConverter": "slug", "IntConverter": "int"}
        word = kind.get(type(converter).__name__, "str")
        text = text.replace(f"<{word}:{name}>", gaps.get(name, str(SOME_ID)))
    assert "<" not in text, text
    return f"/{text}"


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
def gaps(practice: PracticeRecord, owner: Member, home: Path) -> dict[str, str]:
    """Real ids of a filled practice, by the gap that they fill."""
    (home / "db").mkdir(exist_ok=True)
    found = full_practice(practice, owner, home)
    while run_due():
        pass
    return found | {"slug": practice.slug, "name": "lost_device"}


@pytest.fixture
def people(practice: PracticeRecord, owner: Member) -> dict[str, Member]:
    """One person for each role, who holds no other."""
    found = {
        role: practice_api.add_member(
            practice_id=practice.id, full_name=f"Rae {role.title()}", email=f"{role}@example.org",
            role_names=(role,), by="system:test",
        )
        for role in practice_api.ASSIGNABLE
    }  # fmt: skip
    technician_id = practice_api.give_service_grant(
        practice_id=practice.id, until=clock.now() + timedelta(days=30), by_member_id=owner.id, **FORM
    )
    return found | {"service_technician": practice_api.get_member(member_id=technician_id)}


def test_every_address_is_of_one_family() -> None:
    names = [name for family in FAMILIES for name in family.names.split()]
    assert sorted(names) == sorted(str(pattern.name) for pattern in OF_A_PRACTICE)
    assert sorted(OUTSIDE) == sorted(
        str(pattern.name) for pattern in urlpatterns if pattern not in OF_A_PRACTICE
    )
    assert set(ROLES) == STAFF | TECHNICIAN


def faults_of(browser: Client, role: str, gaps: dict[str, str], unknown: set[str]) -> list[str]:
    """What one role meets that the table does not say. `unknown`: methods that an address does not have."""
    faults = []
    for pattern in OF_A_PRACTICE:
        family, place = family_of(pattern), address(pattern, gaps)
        for ask, may in ((browser.get, family.see), (browser.post, family.act)):
            asked = f"{ask.__name__} {pattern.name}"
            if asked in unknown:
                continue
            with undone():
                answer = ask(place)
            if answer.status_code == 405:
                unknown.add(asked)
                continue
            away = is_turned_away(answer, role, str(pattern.name))
            expected = role not in may or pattern.name in OF_OWN_PHONE
            # Who may look finds the real thing: "not there" would hide that a page opens to nobody.
            is_real = set(pattern.pattern.converters) <= set(gaps) and pattern.name != "push-request-file"
            is_lost = answer.status_code == 404 and ask == browser.get and is_real and not expected
            if away is not expected or is_lost or answer.status_code >= 500:
                faults.append(f"{role} {asked}: {answer.status_code}")
    return faults


def test_every_role_meets_what_the_table_says_at_every_address(
    gaps: dict[str, str], people: dict[str, Member], browser_of: Browser
) -> None:
    faults, unknown = [], set[str]()
    for role in ROLES:
        faults += faults_of(browser_of(people[role]), role, gaps, unknown)
    assert faults == []
    assert faults_outside(gaps, people, browser_of) == []
    assert faults_of_a_stranger(gaps, browser_of) == []


def faults_outside(gaps: dict[str, str], people: dict[str, Member], browser_of: Browser) -> list[str]:
    """What the addresses outside practices answer other than the table says."""
    faults = []
    patterns = [pattern for pattern in urlpatterns if pattern not in OF_A_PRACTICE]
    visitors = [("stranger", Client(HTTP_HOST="localhost"))]
    visitors += [(role, browser_of(people[role])) for role in ("owner", "auditor", "scheduler")]
    for who, browser in visitors:
        for pattern in patterns:
            expected = OUTSIDE[str(pattern.name)][who != "stranger"]
            with undone():
                answer = browser.get(address(pattern, gaps))
            if expected is not None and answer.status_code != expected:
                faults.append(f"{who} {pattern.name}: {answer.status_code}")
    return faults


def faults_of_a_stranger(gaps: dict[str, str], browser_of: Browser) -> list[str]:
    """What the owner of another practice finds here, or finds of ours under their own practice's address."""
    other = Context().run(practice_api.create_practice, name="Lakeview Counseling", by="system:test")

    def hire() -> Member:
        with practice_scope(other.id):
            return practice_api.add_member(
                practice_id=other.id, full_name="Lee Starter", email="lee@example.org",
                role_names=("owner", "privacy_officer", "it_lead"), by="system:test",
            )  # fmt: skip

    lee = Context().run(hire)
    browser = Context().run(browser_of, lee)
    faults = []
    for pattern in OF_A_PRACTICE:
        has_id = bool(set(pattern.pattern.converters) - {"slug", "name", "check", "index"})
        for slug in (gaps["slug"], *((other.slug,) if has_id else ())):
            for ask in (browser.get, browser.post):
                with undone():
                    status = Context().run(ask, address(pattern, gaps | {"slug": slug})).status_code
                # What is not there has ended already, or cannot be answered by the guard: nothing is told.
                said = {"provider-end": 302, "permit-end": 302}.get(str(pattern.name), 400)
                is_quiet = slug == other.slug and pattern.name in NOWHERE_SAYS and status == said
                if status not in (404, 405) and not is_quiet:
                    faults.append(f"{ask.__name__} {slug} {pattern.name}: {status}")
    return faults
