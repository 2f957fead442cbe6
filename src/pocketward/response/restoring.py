"""Opening records again after a report: by an officer, for a phone that is not theirs; or once a day by the
person with a sound proof. Neither from the reported phone, nor from its network.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import DeviceRecord
from pocketward.fleet.errors import NotEnrolled
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.response import alerts, containment, doors, steps
from pocketward.response.colleague import spend_colleague_code
from pocketward.response.errors import NoSuchReport, ProvenErased, RestoreRefused, ReversalRefused
from pocketward.response.events import LossReversed, RestoreDenied
from pocketward.response.locating import end_locating
from pocketward.response.models import LossReport
from pocketward.response.rights import officer_here, person_here
from pocketward.spine.api import record, unit_of_work

SELF_RESTORE_EVERY = timedelta(hours=24)
MOST_TRIES = 5


@dataclass(frozen=True)
class PersonalProof:
    """How the person who restores has proven who they are.

    `passkey_registered_at` is None when the sign-in was by something else. `network` is the digest of where
    they are; `device_ids` are the devices that this very session is known to live on; `code` is what they
    typed: a colleague's, or one of this account's recovery codes.
    """

    account_id: UUID | None
    passkey_is_synced: bool
    passkey_registered_at: datetime | None
    network: str
    device_ids: frozenset[UUID] = frozenset()
    code: str = ""


def lost_report(case_ref: str) -> LossReport:
    """The row of a loss report; NoSuchReport."""
    row: LossReport | None = LossReport.objects.filter(case_ref=case_ref, kind="lost").first()
    if row is None:
        raise NoSuchReport()
    return row


def reverse(
    *, case_ref: str, by_member_id: UUID, network: str, session_device_ids: frozenset[UUID]
) -> None:  # fmt: skip
    """An officer lifts what this report closed, in one action; other holds stay, and the phone must check in
    afresh. NotAllowed for anybody else, ProvenErased while nothing is left that could.

    ReversalRefused, sealed as a security event, for their own phone (a role proves less than
    `restore_by_person` asks for), and from the reported phone: `network` is the digest of where they are,
    `session_device_ids` are the devices that this very session is known to live on. Orders that no phone has
    fetched are called off, and every erase: a false report erases nothing.
    """
    row = lost_report(case_ref)
    officer_here(practice_id=row.practice_id, member_id=by_member_id)
    if row.restored_at is None and _is_erased(row):
        raise ProvenErased()
    reasons = (
        ("own_phone", is_of(row, by_member_id)),
        ("reported_phone", _is_at_phone(row, network, session_device_ids)),
    )
    why = next((why for why, holds in reasons if holds), "")
    if why and row.restored_at is None:
        _note_denied(row, by_member_id, why)
        alone = fleet_api.is_alone(practice_id=row.practice_id, member_id=by_member_id)
        raise ReversalRefused(why="own_phone_alone" if why == "own_phone" and alone else why)
    _reverse(row, by_member_id)


@unit_of_work
def _reverse(row: LossReport, by_member_id: UUID) -> None:
    alerts.answered_by_acting(practice_id=row.practice_id, case_ref=row.case_ref, by_member_id=by_member_id)
    _lift(row, by_member_id, "officer")


def is_own_report(*, case_ref: str, member_id: UUID) -> bool:
    """Whether a phone of this very person is reported in the case; NoSuchReport."""
    return is_of(lost_report(case_ref), member_id)


def is_of(row: LossReport, member_id: UUID) -> bool:
    """Whether this person's own phone is reported: as it was matched, or as it is given out now."""
    if not row.device_ids:
        return False
    return row.member_id_matched == member_id or any(
        device.member_id == member_id and not device.shared for device in _devices(row)
    )


def _devices(row: LossReport) -> list[DeviceRecord]:
    return [fleet_api.get_device(device_id=UUID(text)) for text in row.device_ids]


def _is_erased(row: LossReport) -> bool:
    """Whether every reported phone is proven erased, and none of them has joined again."""
    ids = tuple(UUID(text) for text in row.device_ids)
    return bool(ids) and len(fleet_api.erased(device_ids=ids)) == len(ids)


def _is_at_phone(row: LossReport, network: str, session_device_ids: frozenset[UUID]) -> bool:
    """Whether this comes from a session on a reported phone, or from the network it last spoke from."""
    devices = _devices(row)
    networks = [device.last_network for device in devices if device.last_network]
    is_there = bool(session_device_ids & {device.id for device in devices})
    return is_there or any(network.startswith(item) for item in networks)


@unit_of_work
def _lift(row: LossReport, by_member_id: UUID, how: str) -> None:
    if row.restored_at is not None:
        return
    case_ref, practice_id = row.case_ref, row.practice_id
    by, ids = f"member:{by_member_id}", tuple(UUID(text) for text in row.device_ids)
    containment.call_off_orders(report=row, by=by)
    end_locating(case_ref=case_ref, why="the report was reversed", by=by)
    doors.reopen_doors(practice_id, case_ref, ids, by)
    LossReport.objects.filter(pk=row.pk).update(restored_at=clock.now(), restored_by=by, restored_how=how)
    record(
        LossReversed(
            practice_id=practice_id, actor=by, subject=f"case:{case_ref}", case_ref=case_ref,
            report_id=row.id, how=how, device_ids=ids,
        )
    )  # fmt: skip
    steps.skip_rest(practice_id=practice_id, case_ref=case_ref, receipt="The report was reversed.", by=by)
    for device_id in ids:
        # A phone that has left management cannot be asked; its report is reversed all the same.
        with suppress(NotEnrolled):
            fleet_api.offer_access_identity(device_id=device_id, by=by)
            fleet_api.ask(device_id=device_id, request_types=("DeviceInformation", "SecurityInfo"))


def restore_by_person(*, case_ref: str, by_member_id: UUID, proof: PersonalProof) -> None:
    """The person restores their own phone, once in 24 hours; RestoreRefused otherwise, with its reason.

    Needs a passkey that cannot be copied and was there before the report, or a synced one and a second
    proof (a recovery code, or a colleague's code: a synced passkey also lives on the stolen phone); never
    from the reported phone or its network, never once the loss is confirmed: then an officer does it. The
    only officer has no other, and may do it here after that too, with the same proof.
    """
    row = lost_report(case_ref)
    person_here(practice_id=row.practice_id, member_id=by_member_id)
    why = _refusal(row, by_member_id, proof)
    if not why and not _reverse_if_proven(row, by_member_id, proof):
        why = "weak_proof"
    if why:
        if why != "erased":
            _note_denied(row, by_member_id, why)
        raise RestoreRefused(why=why)


def _refusal(row: LossReport, by_member_id: UUID, proof: PersonalProof) -> str:
    """Why this person may not, whatever second proof they have; empty when they may."""
    recent = LossReport.objects.filter(
        member_id_matched=by_member_id,
        restored_how="person",
        restored_at__gt=clock.now() - SELF_RESTORE_EVERY,
    )
    was_before = proof.passkey_registered_at is not None and proof.passkey_registered_at < row.reported_at
    reasons = (
        ("not_yours", row.member_id_matched != by_member_id or row.restored_at is not None),
        ("erased", _is_erased(row)),
        ("confirmed", row.confirmed_at is not None and not _is_only_officer(row, by_member_id)),
        ("reported_phone", _is_at_phone(row, proof.network, proof.device_ids)),
        ("too_soon", recent.exists() or row.restore_tries >= MOST_TRIES),
        ("weak_proof", not was_before),
    )
    return next((why for why, holds in reasons if holds), "")


def _is_only_officer(row: LossReport, member_id: UUID) -> bool:
    """An officer, with no other here now or within the last 24 hours: nobody else could ever restore."""
    person = practice_api.get_member(member_id=member_id)
    return person.is_officer and fleet_api.is_alone(practice_id=row.practice_id, member_id=member_id)


@unit_of_work
def _reverse_if_proven(row: LossReport, by_member_id: UUID, proof: PersonalProof) -> bool:
    """Lift the hold if the proof is whole; the code is spent in the same transaction."""
    if proof.passkey_is_synced and not _second_proof(row, by_member_id, proof):
        return False
    _lift(lost_report(row.case_ref), by_member_id, "person")
    return True


def _second_proof(row: LossReport, by_member_id: UUID, proof: PersonalProof) -> bool:
    vouched = spend_colleague_code(
        practice_id=row.practice_id, code=proof.code, case_ref=row.case_ref, for_member=by_member_id
    )
    if vouched is not None:
        return True
    account = proof.account_id
    return account is not None and access_api.spend_recovery_code(account_id=account, code=proof.code)


@unit_of_work
def _note_denied(row: LossReport, by_member_id: UUID, why: str) -> None:
    if why == "weak_proof":
        LossReport.objects.filter(pk=row.pk).update(restore_tries=F("restore_tries") + 1)
    record(
        RestoreDenied(
            practice_id=row.practice_id, actor=f"member:{by_member_id}", subject=f"case:{row.case_ref}",
            case_ref=row.case_ref, report_id=row.id, why=why,
        )
    )  # fmt: skip
