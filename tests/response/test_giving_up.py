"""An officer revokes the management certificate of a held phone: who may, and what is left of the case."""

from __future__ import annotations

from uuid import UUID

import pytest

from pocketward.fleet import api as fleet_api
from pocketward.pki import api as pki_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.response.errors import NoSuchReport, NotAllowed, ResponseError
from tests.fleet.apple.identities import issue
from tests.response.conftest import bodies, command, confirm, drain, later, reverse, step
from tests.web.clinic import Clinic


@pytest.fixture
def known(practice: PracticeRecord, phone: UUID) -> UUID:
    """Ben's phone with its management and its access certificate."""
    enrollment_id = fleet_api.get_device(device_id=phone).enrollment_id
    assert enrollment_id is not None
    for purpose in ("management", "access"):
        issue(practice.id, enrollment_id, purpose)
    pki_api.bind_device(enrollment_id=enrollment_id, device_id=phone)
    return phone


def states(device_id: UUID) -> dict[str, str]:
    return {one.purpose: one.state for one in pki_api.certificates_of(device_id=device_id)}


def give_up(case_ref: str, device_id: UUID, by: Member, strength: str = "passkey") -> None:
    response_api.revoke_management(
        case_ref=case_ref, device_id=device_id, by_member_id=by.id, strength=strength
    )


def test_a_held_phone_is_given_up_and_nothing_reaches_it_any_more(
    practice: PracticeRecord, known: UUID, case: str, owner: Member, second: Member
) -> None:
    confirm(case, second)
    assert states(known) == {"management": "valid", "access": "held"}
    give_up(case, known, owner)
    drain()
    assert states(known) == {"management": "revoked", "access": "revoked"}
    assert command(known, "EnableLostMode").state == "overtaken"
    assert step(practice, case, "lock").state == "failed"
    (sealed,) = bodies(practice, case, "response.management_revoked")
    assert sealed["told"] == "After this the phone can no longer be locked or erased."
    assert sealed["actor"] == f"member:{owner.id}"
    with pytest.raises(ResponseError, match="revoked already"):
        give_up(case, known, owner)


def test_only_an_officer_with_a_passkey_gives_a_phone_up(
    known: UUID, case: str, owner: Member, clinician: Member
) -> None:
    with pytest.raises(NotAllowed):
        give_up(case, known, clinician)
    with pytest.raises(ResponseError, match="passkey"):
        give_up(case, known, owner, strength="totp")
    assert states(known)["management"] == "valid"


def test_a_phone_that_the_case_does_not_name_or_that_is_not_held_is_not_given_up(
    clinic: Clinic, known: UUID, case: str, owner: Member
) -> None:
    with pytest.raises(NoSuchReport):
        give_up(case, clinic.phone("Another iPhone"), owner)
    reverse(case, owner)
    with pytest.raises(NoSuchReport):
        give_up(case, known, owner)
    assert states(known)["management"] == "valid"


def test_deciding_without_proof_revokes_the_way_to_records_and_keeps_the_way_to_the_phone(
    practice: PracticeRecord, known: UUID, case: str, owner: Member, second: Member
) -> None:
    confirm(case, second)
    erase = response_api.order_erase(
        case_ref=case, device_id=known, by_member_id=owner.id, strength="passkey"
    )
    response_api.approve_erase(case_ref=case, command_id=erase, by_member_id=second.id, strength="passkey")
    with later(hours=80):
        response_api.decide_without(case_ref=case, reason="It is far away by now.", by_member_id=owner.id)
        assert states(known) == {"management": "valid", "access": "revoked"}
        (sealed,) = bodies(practice, case, "pki.certificate_revoked")
        assert (sealed["reason"], sealed["actor"]) == ("key_compromise", f"member:{owner.id}")
        # Found after all: it is told to fetch a new access identity, and nothing opens before it has.
        reverse(case, owner)
        assert states(known)["access"] == "revoked"
        assert command(known, "InstallProfile").purpose == "access_identity"
