"""A small clinic in the database, made by the domains' own verbs: what pages of a real practice show."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.fleet import joining, state
from pocketward.kernel import clock
from pocketward.ledger import api as ledger_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.spine.api import run_due

SOUND: dict[str, Any] = {
    "os_version": "26.6.1",
    "build_version": "23G83",
    "product_name": "iPhone15,4",
    "model_name": "iPhone 15",
    "supervised": True,
    "passcode_present": True,
    "passcode_compliant": True,
    "passcode_compliant_with_profiles": True,
    "hardware_encryption_caps": 3,
    "certificates": [
        {
            "fingerprint": "aa",
            "name": "ours",
            "is_identity": True,
            "purpose": "management",
            "not_after": "2099-01-01T00:00:00.000000Z",
        }
    ],
    "managed_apps": [{"identifier": "org.example.chart", "status": "Managed"}],
}
# Those of them that DeviceInformation tells.
OF_DEVICE = ("os_version", "build_version", "product_name", "model_name", "supervised")


class Clinic:
    """Enrolls phones and lets them report, without the wire."""

    def __init__(self, practice: PracticeRecord, by: str = "system:test") -> None:
        self.practice, self.by, self.made = practice, by, 0

    def phone(
        self, label: str, *, member: Member | None = None, kind: str = "iphone", ownership: str = "practice"
    ) -> UUID:
        """A phone that has joined and not reported."""
        self.made += 1
        ticket = fleet_api.create_enrollment_ticket(
            practice_id=self.practice.id,
            member_id=member.id if member else None,
            ownership=ownership,
            kind=kind,
            label=label,
            shared=member is None,
            by=self.by,
        )
        serial = f"F2LW{self.made:04d}"
        joined = joining.authenticate(
            enrollment_id=ticket.enrollment_id,
            fingerprint=f"{self.made:064x}",
            udid=f"00008110-{serial}",
            serial=serial,
            product_name="iPad14,1" if kind == "ipad" else "iPhone15,4",
            topic="com.apple.mgmt.External.test",
        )
        joining.update_token(
            enrollment_id=ticket.enrollment_id,
            token=b"\x01" * 32,
            push_magic="magic",
            unlock_token=b"unlock",
            topic="com.apple.mgmt.External.test",
        )
        assert joined.device_id is not None
        return joined.device_id

    def report(self, device_id: UUID, *, at: datetime | None = None, **changed: Any) -> None:
        """Let the phone report a sound state with `changed` facts, at a moment."""
        device = fleet_api.get_device(device_id=device_id)
        told, moment = {**SOUND, **changed}, at or clock.now()
        facts = state.facts_from(
            {name: told.pop(name) for name in OF_DEVICE}, source="DeviceInformation", at=moment
        )
        facts |= state.facts_from(told, source="SecurityInfo", at=moment)
        assert device.enrollment_id is not None
        state.save_state(enrollment_id=device.enrollment_id, facts=facts, message_digest="00" * 32)

    def lose(self, said: str) -> str:
        """Report a loss as the open page does; the case."""
        return response_api.report_loss(
            practice_id=self.practice.id, said=said, when_seen="today", callback="555-0155", network="n" * 64
        )


def fill(practice: PracticeRecord) -> Clinic:
    """Seven phones in every state, people in every role, and a sealed ledger."""
    clinic = Clinic(practice)
    people = [
        practice_api.add_member(
            practice_id=practice.id, full_name=name, email=f"{name.split()[0].lower()}@example.org",
            role_names=roles, language=language, by="system:test",
        )
        for name, roles, language in (
            ("Ana Ejemplo", ("clinician",), "es"), ("Carla Prueba", ("clinician", "scheduler"), "en"),
            ("Grace Placeholder", ("privacy_officer",), "en"), ("Erin Testwell", ("billing",), "en"),
        )
    ]  # fmt: skip
    access_api.prepare_practice(practice_id=practice.id, by="system:test")
    sound = clinic.phone("Carla’s iPhone 14", member=people[1])
    clinic.report(sound)
    weak = clinic.phone("Ana’s iPhone 15", member=people[0], ownership="personal")
    clinic.report(weak, passcode_present=False, supervised=False)
    tablet = clinic.phone("Rounds iPad 1", kind="ipad")
    clinic.report(tablet, product_name="iPad14,1", model_name="iPad mini")
    silent = clinic.phone("Exam 4 iPad", kind="ipad")
    with clock.frozen(clock.now() - timedelta(days=9)):
        clinic.report(silent, product_name="iPad14,1")
    clinic.phone("Front desk iPad 1", kind="ipad")
    lost = clinic.phone("Grace’s iPhone 16", member=people[2])
    clinic.report(lost)
    access_api.register_app(
        practice_id=practice.id, name="Chart app", door="proxied", hosts=("ehr.localhost",),
        paths=(("/", "notes"),), url="http://ehr.localhost:8010/", by="system:test",
    )  # fmt: skip
    access_api.register_app(practice_id=practice.id, name="Billing portal", door="account", by="system:test")
    clinic.lose("Grace Placeholder")
    while run_due():
        pass
    ledger_api.seal_pending()
    return clinic
