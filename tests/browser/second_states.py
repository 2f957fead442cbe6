"""What stands beside the first of its kind in the full clinic: what waits, what is over, what is decided.

Each function makes some by the domains' own verbs and answers their ids by the gap of the URL table that they
fill; `page.gap` is the gap of one page alone.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.fleet.tickets import note_profile_fetched
from pocketward.incidents import api as incidents_api
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.ledger import api as ledger_api
from pocketward.policy import api as policy_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.rollout import api as rollout_api
from pocketward.spine.api import run_due
from tests.access.clinic import Door, Phone, sign_in
from tests.web.clinic import Clinic

BY = "system:demo"
FROM_OUTSIDE = {"provider": "Harbor IT", "full_name": "Tess Technician", "email": "tess@helpdesk.example"}
Gaps = dict[str, str]


def work() -> None:
    """Do what is due."""
    while run_due():
        pass


def what_stands(practice: PracticeRecord, owner: Member, ehr: UUID) -> Gaps:
    """A technician let in, a network with its permit, rules of the practice's own, a request for Apple."""
    practice_api.give_service_grant(
        practice_id=practice.id, until=clock.now() + timedelta(days=30), by_member_id=owner.id, **FROM_OUTSIDE
    )
    (grant,) = practice_api.service_grants(practice_id=practice.id)
    access_api.name_network(practice_id=practice.id, zone="front-desk", cidrs=("192.0.2.0/24",), by=BY)
    permit = access_api.give_permit(
        app_id=ehr, network="front-desk", reason="The computer at the front desk", by=BY,
        expires_at=clock.now() + timedelta(days=20),
    )  # fmt: skip
    rules = policy_api.template().replace("heard_from_within_hours: 36", "heard_from_within_hours: 48")
    policy_api.set_policy(practice_id=practice.id, text=rules, reason="Long weekends", by=BY)
    fleet_api.make_push_request(practice_id=practice.id, by=BY)
    account = practice_api.open_account(member_id=owner.id, email=owner.email, by=BY)
    Authenticator.objects.create(
        user_id=account.id, type=Authenticator.Type.WEBAUTHN,
        data={"name": "Dana’s key ring", "credential": _registered_passkey()},
    )  # fmt: skip
    return {"permit_id": str(permit), "provider-end.grant_id": str(grant.id),
            "provider-invite.grant_id": str(grant.id)}  # fmt: skip


def _registered_passkey() -> dict[str, Any]:
    """What a browser answers when it has made a passkey, as the sign-in library keeps it."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    credential = AttestedCredentialData.create(bytes(16), b"key-ring", ES256.from_cryptography_key(public))
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    made = AuthenticatorData.create(hashlib.sha256(b"localhost").digest(), flags, 0, credential)
    answer = {
        "clientDataJSON": websafe_encode(b'{"type":"webauthn.create","challenge":"","origin":""}'),
        "attestationObject": websafe_encode(bytes(AttestationObject.create("none", made, {}))),
    }
    key_id = websafe_encode(b"key-ring")
    return {"id": key_id, "rawId": key_id, "type": "public-key", "response": answer}


def what_waits(clinic: Clinic, owner: Member, colleague: Member) -> Gaps:
    """Other limits, a new officer, the erase of a phone that nobody lost: no second officer has answered."""
    practice_id = clinic.practice.id
    proposal = fleet_api.propose_guard_options(
        practice_id=practice_id, per_hour=3, percent_per_day=10, least_per_day=3, by_member_id=owner.id,
        strength="passkey",
    )  # fmt: skip
    change = rollout_api.change_roles(
        practice_id=practice_id, member_id=colleague.id, roles=(*colleague.roles, "it_lead"),
        by_member_id=owner.id, strength="passkey",
    )  # fmt: skip
    device_id = clinic.phone("Ward phone 7")
    clinic.report(device_id)
    order = fleet_api.order_destructive(
        device_id=device_id, request_type="EraseDevice", by_member_id=owner.id, strength="passkey"
    )
    stop = practice_api.make_stop_link(practice_id=practice_id, member_id=owner.id, subject_id=order)
    place = public_id("dev", device_id)
    return {
        "proposal_id": str(proposal), "change_id": str(change.waiting), "command_id": str(order),
        "phone-approve.device_id": place, "phone-stop.device_id": place, "stop.secret": stop,
    }  # fmt: skip


def what_is_over(clinic: Clinic, owner: Member, second: Member, colleague: Member, ehr: UUID) -> Gaps:
    """A phone off the list, one that was lost and is back, and an emergency that an officer has looked at."""
    practice_id = clinic.practice.id
    old = clinic.phone("Old iPhone 8")
    clinic.report(old)
    fleet_api.remove_device(device_id=old, by_member_id=owner.id)
    back = clinic.phone("Dana’s spare iPhone", member=owner)
    clinic.report(back, passcode_compliant_with_profiles=False)
    settled = report_own(back, owner)
    response_api.reverse(
        case_ref=settled, by_member_id=second.id, network="o" * 64, session_device_ids=frozenset()
    )
    with clock.frozen(clock.now() - timedelta(hours=2)):
        grant = access_api.open_emergency(
            practice_id=practice_id, member_id=colleague.id, app_id=ehr, reason="patient_waiting",
            strength="passkey", auth_at=clock.true_now(),
        )  # fmt: skip
    with clock.frozen(grant.opened_at + timedelta(minutes=10)):
        access_api.end_emergency(grant_id=grant.id, by=f"member:{colleague.id}")
    access_api.read_emergency(grant_id=grant.id, by_member_id=second.id)
    access_api.review_emergency(grant_id=grant.id, by_member_id=second.id, finding="needed")
    return {
        "other.emergency-review.grant_id": str(grant.id),
        "other.my-phone-reported.case_ref": settled,
        "other.phone.device_id": public_id("dev", old),
        "spare": public_id("dev", back),
    }


def report_own(device_id: UUID, member: Member) -> str:
    """The person reports this phone of theirs as lost, signed in; the case."""
    case_ref: str = response_api.report_device(
        device_id=device_id, when_seen="today", callback="555-0155", network="n" * 64, by_member_id=member.id
    )
    work()
    return case_ref


def what_is_decided(clinic: Clinic, owner: Member, privacy_officer: Member) -> Gaps:
    """The owner's lost phone: asked where it is, to be erased, its worksheet answered, its breach decided."""
    practice_id = clinic.practice.id
    lost = clinic.phone("Dana’s iPhone 16", member=owner)
    clinic.report(lost)
    case_ref = report_own(lost, owner)
    response_api.locate(
        case_ref=case_ref, device_id=lost, reason="It may be in the car", by_member_id=owner.id
    )
    (asked,) = response_api.locations(practice_id=practice_id, case_ref=case_ref)
    order = response_api.order_erase(
        case_ref=case_ref, device_id=lost, by_member_id=owner.id, strength="passkey"
    )
    case = incidents_api.get_case(case_ref=case_ref)
    for row in incidents_api.worksheet(case_id=case.id):
        incidents_api.answer(
            case_id=case.id, question=row.question, answer="no", detail="Asked Dana", by_member_id=owner.id
        )
    incidents_api.complete_worksheet(case_id=case.id, by_member_id=owner.id)
    incidents_api.decide_breach(
        case_ref=case_ref, verdict="low_probability", reason="It was locked and found to be encrypted.",
        by_member_id=privacy_officer.id,
    )  # fmt: skip
    work()
    found = {"case-place.case_ref": case_ref, "ask_id": str(asked.id), "my-phone-reported.case_ref": case_ref}
    for page in ("case-approve", "case-stop"):
        found |= {f"{page}.case_ref": case_ref, f"{page}.command_id": str(order)}
    found |= {f"other.{page}.case_ref": case_ref for page in ("case", "case-exposure")}
    found |= {f"other.{page}.device_id": public_id("dev", lost) for page in ("phone-acts", "phone-history")}
    return found


def who_gets_in(clinic: Clinic, biller: Member, ehr: UUID, door: Door) -> Gaps:
    """A colleague whom the gate lets in, with a healthy phone."""
    phone = Phone(clinic.practice, biller, "F2LX9002")
    phone.report()
    work()
    answer = door.ask(phone, sign_in(biller, ehr, phone), "/billing/1")
    assert answer.status == 204, answer.headers
    door.hand_over()
    access_api.drain_decisions()
    return {"other.decision.decision_id": answer.decision_id}


def healthy_phone(clinic: Clinic, owner: Member) -> Gaps:
    """A phone of the owner that has joined and passes."""
    device_id = clinic.phone("Dana’s iPhone 13", member=owner)
    clinic.report(device_id)
    device = fleet_api.get_device(device_id=device_id)
    assert device.enrollment_id is not None
    note_profile_fetched(enrollment_id=device.enrollment_id)
    return {
        "healthy": public_id("dev", device_id),
        "other.phone-ticket.enrollment_id": public_id("enr", device.enrollment_id),
    }


def entry_of_a_loss(practice: PracticeRecord) -> Gaps:
    """The number of a sealed entry that belongs to a case."""
    while ledger_api.seal_pending():
        pass
    found = ledger_api.entries(practice_id=practice.id, kinds=("response.loss_reported",))
    return {"other.ledger-entry.number": str(found[0].index + 1)}
