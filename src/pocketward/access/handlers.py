"""What access does, in the same transaction, when a fact below it changes."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.db import transaction

from pocketward.access.devices import change_device, device_row, settle_device
from pocketward.access.models import DeviceAccess
from pocketward.access.publishing import (
    PERSON,
    publish_person,
    publish_practice,
    publish_unknown_device,
    withdraw,
)
from pocketward.access.sessions import end_gate_sessions
from pocketward.fleet import api as fleet_api
from pocketward.fleet import events as fleet
from pocketward.pki import api as pki_api
from pocketward.pki import events as pki
from pocketward.posture import api as posture_api
from pocketward.posture import events as posture
from pocketward.practice import api as practice_api
from pocketward.practice import events as practice
from pocketward.spine.api import Event

log = logging.getLogger(__name__)

# Why the access identities of a leaver's phone are on hold, until somebody who works here gets the phone.
HOLDER_LEFT = "holder_left"


def on_posture_changed(event: posture.PostureChanged) -> None:
    """Take the posture over and publish it."""
    change_device(
        event.practice_id,
        event.device_id,
        case_ref=event.case_ref,
        posture=event.posture,
        checks=list(event.checks),
        fresh_until=event.fresh_until,
        last_heard=event.last_heard,
        kind=event.device_kind,
        ownership=event.ownership,
        shared=event.shared,
    )


def on_state(event: fleet.DeviceStateReported | fleet.DeviceStateConfirmed) -> None:
    """A device that owes a report since its hold was lifted says how it is.

    Nothing else may have changed, so that no PostureChanged follows; where one does, that settles it.
    """
    if not event.owes_report:
        return
    row = device_row(event.practice_id, event.device_id)
    judged = posture_api.device_posture(device_id=event.device_id)
    if judged is not None and judged.posture == row.posture:
        settle_device(row)


def on_device_enrolled(event: fleet.DeviceEnrolled) -> None:
    """A device enrolled: whose it is, what it is."""
    change_device(
        event.practice_id,
        event.device_id,
        kind=event.device_kind,
        ownership=event.ownership,
        shared=event.shared,
        holder=str(event.member_id or ""),
    )
    _begin_anew(event)


def on_device_assigned(event: fleet.DeviceAssigned) -> None:
    """A device belongs to somebody else."""
    change_device(event.practice_id, event.device_id, holder=str(event.member_id or ""))
    _begin_anew(event)


def on_enrollment_ended(event: fleet.EnrollmentCheckedOut) -> None:
    """Management is gone: nothing is known of the device any more, and its sessions end."""
    change_device(event.practice_id, event.device_id, posture="unknown", checks=[], fresh_until=None)
    end_gate_sessions(
        practice_id=event.practice_id,
        device_ids=(event.device_id,),
        by="system:access",
        reason="management was removed",
    )


def on_device_removed(event: fleet.DeviceRemoved) -> None:
    """Taken off the list: its access certificates no longer count."""
    change_device(
        event.practice_id, event.device_id, posture="unknown", fingerprints=[], certificate_state="none"
    )


def on_device_restored(event: fleet.DeviceRestored) -> None:
    """On the list again: it opens nothing before it has told its state afresh, with a new identity."""
    judged = posture_api.device_posture(device_id=event.device_id)
    change_device(
        event.practice_id,
        event.device_id,
        posture=judged.posture if judged is not None else "unknown",
        checks=[dict(check) for check in judged.checks] if judged is not None else [],
        fresh_until=judged.fresh_until if judged is not None else None,
        must_report_since=event.must_report_since,
    )


def on_marked_lost(event: fleet.DeviceMarkedLost) -> None:
    """Reported lost."""
    change_device(event.practice_id, event.device_id, case_ref=event.case_ref, lost=True)


def on_found(event: fleet.DeviceFound) -> None:
    """No longer reported lost."""
    change_device(event.practice_id, event.device_id, case_ref=event.case_ref, lost=False)


def on_authenticated(event: fleet.DeviceAuthenticated) -> None:
    """New keys: identities of earlier enrollments no longer reach records, nor does what was known."""
    change_device(
        event.practice_id,
        event.device_id,
        posture="unknown",
        checks=[],
        fingerprints=[],
        serials=[],
        certificate_state="none",
    )


def _access_certificate(event: Any) -> DeviceAccess | None:
    if event.purpose != "access" or event.device_id is None:
        return None
    return device_row(event.practice_id, event.device_id)


def on_certificate_issued(event: pki.CertificateIssued | pki.CertificateBound) -> None:
    """A newer access identity counts from now on; the one before it until it ends, unless it is revoked."""
    row = _access_certificate(event)
    if row is not None:
        if row.certificate_state == "revoked":
            row.fingerprints, row.serials = [], []
        row.fingerprints = [*row.fingerprints, event.fingerprint][-2:]
        row.serials = [*row.serials, event.serial_hex][-2:]
        row.certificate_state = "valid"
        settle_device(row)


def on_certificate_state(event: Any) -> None:
    """Held, revoked, or free again."""
    row = _access_certificate(event)
    states = {
        pki.CertificateHeld: "held",
        pki.CertificateRevoked: "revoked",
        pki.CertificateHoldLifted: "valid",
    }
    if row is None or event.fingerprint not in row.fingerprints:
        return
    if isinstance(event, pki.CertificateRevoked) and len(row.fingerprints) > 1:
        # The gate asks for one state of the device. Holds stand for all its identities; of two, the one that
        # is revoked is forgotten, and the last is kept so that whoever shows it is told why.
        ours = row.fingerprints.index(event.fingerprint)
        row.fingerprints = [*row.fingerprints[:ours], *row.fingerprints[ours + 1 :]]
        row.serials = [*row.serials[:ours], *row.serials[ours + 1 :]]
    else:
        row.certificate_state = states[type(event)]
    settle_device(row, case_ref=event.case_ref)


def on_person_changed(event: Any) -> None:
    """Roles or presence changed: the next request is judged by the new ones."""
    publish_person(event.member_id)


def on_practice_changed(event: practice.PracticeChanged) -> None:
    """Its name and zone stand in what the gates say; they know none that has no authority yet."""
    if pki_api.has_authority(practice_id=event.practice_id):
        publish_practice(event.practice_id, pki_api.trust_anchors(practice_id=event.practice_id))


def on_person_left(event: practice.MemberLeft) -> None:
    """Somebody left: their sessions end, and the access identities of their own phones are held."""
    publish_person(event.member_id)
    end_gate_sessions(
        practice_id=event.practice_id,
        member_id=event.member_id,
        by="system:access",
        reason="left the practice",
    )
    for device in fleet_api.devices_of_member(member_id=event.member_id):
        if not device.shared:
            pki_api.hold_access(device_id=device.id, by="system:access", cause=HOLDER_LEFT)


def _begin_anew(event: fleet.DeviceEnrolled | fleet.DeviceAssigned) -> None:
    """Whoever had the device may have left; somebody who works here has it now, so that hold is over."""
    if event.member_id is not None:
        if practice_api.get_member(member_id=event.member_id).left_at is not None:
            return
    elif not fleet_api.get_device(device_id=event.device_id).shared:
        return
    pki_api.lift_access_hold(device_id=event.device_id, by=event.actor, cause=HOLDER_LEFT)


def _fallback(event: Event, error: Exception) -> None:
    """Close what the event is about: a phone, or all a person may do."""
    device_id, member_id = getattr(event, "device_id", None), getattr(event, "member_id", None)
    if isinstance(device_id, UUID):
        _close_device(event, device_id)
    elif isinstance(event, _OF_PERSON) and isinstance(member_id, UUID):
        withdraw(event.practice_id, PERSON, str(member_id))


def _close_device(event: Event, device_id: UUID) -> None:
    try:
        with transaction.atomic():
            change_device(event.practice_id, device_id, posture="unknown", checks=[], fresh_until=None)
    except Exception as error:
        # Even the ordinary way of closing is broken: the gates get the least that closes.
        log.error("device %s is closed the short way: %s", device_id, type(error).__name__)
        publish_unknown_device(event.practice_id, device_id)


_OF_PERSON = (practice.MemberJoined, practice.RoleGiven, practice.RoleEnded, practice.MemberLeft)


IN_TRANSACTION = {
    fleet.DeviceStateReported: on_state,
    fleet.DeviceStateConfirmed: on_state,
    posture.PostureChanged: on_posture_changed,
    fleet.DeviceEnrolled: on_device_enrolled,
    fleet.DeviceAssigned: on_device_assigned,
    fleet.DeviceAuthenticated: on_authenticated,
    fleet.EnrollmentCheckedOut: on_enrollment_ended,
    fleet.DeviceRemoved: on_device_removed,
    fleet.DeviceRestored: on_device_restored,
    fleet.DeviceMarkedLost: on_marked_lost,
    fleet.DeviceFound: on_found,
    pki.CertificateIssued: on_certificate_issued,
    pki.CertificateBound: on_certificate_issued,
    pki.CertificateHeld: on_certificate_state,
    pki.CertificateHoldLifted: on_certificate_state,
    pki.CertificateRevoked: on_certificate_state,
    practice.MemberJoined: on_person_changed,
    practice.RoleGiven: on_person_changed,
    practice.RoleEnded: on_person_changed,
    practice.MemberLeft: on_person_left,
    practice.PracticeChanged: on_practice_changed,
}
ON_CHAIN_FAILURE = _fallback
