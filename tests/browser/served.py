"""What is in the served clinics: a full one whose gate has refused somebody, and an empty one."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.incidents import api as incidents_api
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import practice_scope
from tests.access.clinic import Door, Phone, register_ehr
from tests.browser.second_states import (
    entry_of_a_loss,
    healthy_phone,
    what_is_decided,
    what_is_over,
    what_stands,
    what_waits,
    who_gets_in,
    work,
)
from tests.web.clinic import Clinic, fill

BY = "system:demo"


def full_practice(practice: PracticeRecord, owner: Member, second: Member, home: Path) -> dict[str, str]:
    """Fill the practice, in which `second` is an officer; what stands in each gap of the URL table.

    `page.gap` is what stands there on one page alone, `other.page.gap` what it is in the page's other state.
    """
    with practice_scope(practice.id):
        access_api.prepare_practice(practice_id=practice.id, by=BY)
        # Who has no sign-in can approve nothing and counts as nobody.
        practice_api.open_account(member_id=second.id, email=second.email, by=BY)
        ehr, door = register_ehr(practice), Door(home / "db" / "decisions")
        phone = Phone(practice, owner, "F2LX9001")
        phone.report(passcode_present=False)
        refused = door.ask(phone).decision_id
        door.hand_over()
        access_api.drain_decisions()
        opened = access_api.open_emergency(
            practice_id=practice.id, member_id=owner.id, app_id=ehr, reason="patient_waiting",
            strength="passkey", auth_at=clock.true_now(),
        )  # fmt: skip
        clinic = fill(practice)
        found = {
            "number": "4",
            "check": "passcode_set",
            "name": "lost_device",
            "code": practice.lost_code,
            "decision_id": refused,
            "device_id": public_id("dev", phone.device_id),
            "member_id": public_id("mem", owner.id),
            "practice_id": public_id("prac", practice.id),
            "app_id": str(ehr),
            "grant_id": str(opened.id),
        }
        return (
            found | _words_of_every_length(clinic, owner) | _in_other_states(clinic, owner, second, ehr, door)
        )


def _words_of_every_length(clinic: Clinic, owner: Member) -> dict[str, str]:
    """Names that are one long word, a case about them, and a code that waits for its tablet."""
    long = clinic.phone(f"Label{'x' * 75}")
    ids = []
    for label in (f"Waiting{'y' * 73}", "Rounds iPad 8"):
        ticket = fleet_api.create_enrollment_ticket(
            practice_id=clinic.practice.id, member_id=owner.id, ownership="practice", kind="ipad",
            label=label, by=BY,
        )  # fmt: skip
        ids.append(ticket.enrollment_id)
    clinic.lose("z" * 200)
    work()
    case = next(one for one in incidents_api.cases(practice_id=clinic.practice.id) if one.labels)
    return {
        "case_ref": case.case_ref,
        "enrollment_id": public_id("enr", ids[-1]),
        "long": public_id("dev", long),
    }


def _in_other_states(clinic: Clinic, owner: Member, second: Member, ehr: UUID, door: Door) -> dict[str, str]:
    """What waits, what is over, what is decided: a second of each kind."""
    practice = clinic.practice
    carla, grace, erin = (
        practice_api.find_members(practice_id=practice.id, text=f"{name}@example.org")[0]
        for name in ("carla", "grace", "erin")
    )
    found = (
        what_stands(practice, owner, ehr)
        | healthy_phone(clinic, owner)
        | who_gets_in(clinic, erin, ehr, door)
        | what_is_over(clinic, owner, second, carla, ehr)
        | what_is_decided(clinic, owner, grace)
        | what_waits(clinic, owner, carla)
        | entry_of_a_loss(practice)
    )
    other = next(app for app in access_api.apps(practice_id=practice.id) if app.name == "Billing portal")
    return found | {
        "other.fix.check": "passcode_meets_profile",
        "other.record.app_id": str(other.id),
        "other.person.member_id": public_id("mem", grace.id),
        "secret": practice_api.make_owner_link(
            practice_id=practice.id, member_id=owner.id, host_user="tests"
        ),
        "join.secret": practice_api.invite_member(member_id=erin.id, by=BY),
        "demo.secret": practice_api.make_demo_link(practice_id=practice.id, member_id=owner.id),
    }


def empty_practice() -> dict[str, str]:
    """A practice with its owner and nothing else: its slug, and the owner's link."""
    practice = practice_api.create_practice(name="Lakeview Counseling", by=BY)
    with practice_scope(practice.id):
        owner = practice_api.add_member(
            practice_id=practice.id, full_name="Lee Starter", email="lee@example.org",
            role_names=("owner",), by=BY,
        )  # fmt: skip
        access_api.prepare_practice(practice_id=practice.id, by=BY)
        link = practice_api.make_demo_link(practice_id=practice.id, member_id=owner.id)
    return {"empty": link, "empty-slug": practice.slug}
