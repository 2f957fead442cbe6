"""What is in the served clinics: a full one whose gate has refused somebody, and an empty one."""

from __future__ import annotations

from pathlib import Path

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.incidents import api as incidents_api
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import practice_scope, run_due
from tests.access.clinic import Door, Phone, register_ehr
from tests.web.clinic import fill

BY = "system:demo"


def full_practice(practice: PracticeRecord, owner: Member, home: Path) -> dict[str, str]:
    """Fill the practice; what stands in each gap of the URL table, by the gap's name."""
    with practice_scope(practice.id):
        access_api.prepare_practice(practice_id=practice.id, by=BY)
        ehr = register_ehr(practice)
        phone = Phone(practice, owner, "F2LX9001")
        phone.report(passcode_present=False)
        door = Door(home / "db" / "decisions")
        refused = door.ask(phone).decision_id
        door.hand_over()
        access_api.drain_decisions()
        opened = access_api.open_emergency(
            practice_id=practice.id, member_id=owner.id, app_id=ehr, reason="patient_waiting",
            strength="passkey", auth_at=clock.true_now(),
        )  # fmt: skip
        clinic = fill(practice)
        long = clinic.phone(f"Label{'x' * 75}")
        fleet_api.create_enrollment_ticket(
            practice_id=practice.id, member_id=owner.id, ownership="practice", kind="ipad",
            label=f"Waiting{'y' * 73}", by=BY,
        )  # fmt: skip
        clinic.lose("z" * 200)
        while run_due():
            pass
        waiting = fleet_api.create_enrollment_ticket(
            practice_id=practice.id, member_id=owner.id, ownership="practice", kind="ipad",
            label="Rounds iPad 8", by=BY,
        )  # fmt: skip
        case = next(one for one in incidents_api.cases(practice_id=practice.id) if one.labels)
        return {
            "index": "3",
            "check": "passcode_set",
            "case_ref": case.case_ref,
            "code": practice.lost_code,
            "decision_id": refused,
            "device_id": public_id("dev", phone.device_id),
            "enrollment_id": public_id("enr", waiting.enrollment_id),
            "long": public_id("dev", long),
            "member_id": public_id("mem", owner.id),
            "practice_id": public_id("prac", practice.id),
            "app_id": str(ehr),
            "grant_id": str(opened.id),
            "secret": practice_api.make_owner_link(
                practice_id=practice.id, member_id=owner.id, host_user="tests"
            ),
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
