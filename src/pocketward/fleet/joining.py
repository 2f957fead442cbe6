"""A device joins, renews its push token, or leaves: the verbs behind its check-in messages."""

from __future__ import annotations

from uuid import UUID

from pocketward.fleet import erase_ladder, queue
from pocketward.fleet.devices import enrollment_record
from pocketward.fleet.errors import FleetError
from pocketward.fleet.events import (
    DeviceAuthenticated,
    DeviceEnrolled,
    EnrollmentCheckedOut,
    EnrollmentReplaced,
    PushTokenDead,
)
from pocketward.fleet.identities import revoke_identities
from pocketward.fleet.models import Device, Enrollment
from pocketward.fleet.push_plans import push_soon
from pocketward.fleet.records import EnrollmentRecord
from pocketward.kernel import clock
from pocketward.spine.api import record, unit_of_work


class WrongIdentity(FleetError):
    """The identity in the message is not the one this enrollment was made with."""

    code = "fleet.wrong_identity"
    sentence = "This message was signed by another device's identity."


def enrollment_by_id(*, enrollment_id: UUID) -> EnrollmentRecord | None:
    """The enrollment, or None."""
    row = Enrollment.objects.filter(pk=enrollment_id).first()
    return enrollment_record(row) if row is not None else None


@unit_of_work
def authenticate(
    *,
    enrollment_id: UUID,
    fingerprint: str,
    udid: str,
    serial: str,
    product_name: str,
    topic: str,
    message_digest: str = "",
) -> EnrollmentRecord:
    """The device proved its new identity: bind it; WrongIdentity when another identity is bound already.

    A device with the same serial (or, without one, the same UDID) is the same device: its earlier live
    enrollment is replaced, its queue overtaken, and an erase not yet proven comes first.
    """
    row = Enrollment.objects.get(pk=enrollment_id)
    if row.management_fingerprint and row.management_fingerprint != fingerprint:
        raise WrongIdentity()
    if row.state not in (Enrollment.TICKET, *Enrollment.LIVE):
        raise WrongIdentity("This enrollment has ended.")
    known = _same_device(row, serial, udid)
    device = known or _new_device(row, serial, udid, product_name)
    returned = known is not None
    for old in Enrollment.objects.filter(device=device, state__in=Enrollment.LIVE).exclude(pk=row.pk):
        _replace(old, row, device.id)
    _bind(row, device, fingerprint=fingerprint, udid=udid, topic=topic)
    if returned:
        _refresh_device(device, row, udid)
    record(
        DeviceAuthenticated(
            practice_id=row.practice_id,
            actor=f"device:{device.id}",
            subject=f"device:{device.id}",
            device_id=device.id,
            enrollment_id=row.id,
            fingerprint=fingerprint,
            returned=returned,
            message_digest=message_digest,
        )
    )
    # The same enrollment authenticating again lost its queue with its keys; an erase is not lost so.
    intents = {intent.command_id for intent in erase_ladder.erase_intents(device_id=device.id)}
    queue.overtake_commands(
        enrollment_id=row.id, detail="the phone authenticated again", keep=frozenset(intents)
    )
    erase_ladder.on_authenticate(enrollment_id=row.id)
    return enrollment_record(Enrollment.objects.get(pk=row.pk))


def _bind(row: Enrollment, device: Device, *, fingerprint: str, udid: str, topic: str) -> None:
    """The enrollment is this device's, under its new keys; what belonged to the old ones is forgotten."""
    Enrollment.objects.filter(pk=row.pk).update(
        device=device,
        state=Enrollment.AUTHENTICATED,
        management_fingerprint=fingerprint,
        udid=udid,
        topic=topic,
        authenticated_at=clock.now(),
        push_token=None,
        push_magic=None,
        unlock_token=None,
    )


def _same_device(row: Enrollment, serial: str, udid: str) -> Device | None:
    devices = Device.objects.filter(practice_id=row.practice_id)
    match = devices.filter(serial=serial) if serial else devices.filter(udid=udid).exclude(udid="")
    found: Device | None = match.order_by("-added_at").first()
    return found


def _new_device(row: Enrollment, serial: str, udid: str, product_name: str) -> Device:
    device: Device = Device.objects.create(
        practice_id=row.practice_id,
        label=row.label,
        kind=row.kind,
        ownership=row.ownership,
        shared=row.shared,
        member_id=row.member_id,
        serial=serial,
        udid=udid,
        product_name=product_name,
    )
    return device


def _refresh_device(device: Device, row: Enrollment, udid: str) -> None:
    # Ownership changes only by enrolling again, and this is an enrollment.
    Device.objects.filter(pk=device.pk).update(
        label=row.label,
        ownership=row.ownership,
        shared=row.shared,
        member_id=row.member_id,
        udid=udid,
        removed_at=None,
    )


def _replace(old: Enrollment, new: Enrollment, device_id: UUID) -> None:
    Enrollment.objects.filter(pk=old.pk).update(
        state=Enrollment.REPLACED, ended_at=clock.now(), unlock_token=None
    )
    record(
        EnrollmentReplaced(
            practice_id=old.practice_id,
            actor="system:fleet",
            subject=f"device:{device_id}",
            device_id=device_id,
            enrollment_id=old.id,
            new_enrollment_id=new.id,
        )
    )
    revoke_identities(enrollment_id=old.id, reason="superseded", by="system:fleet")
    # The open erase is re-offered by the ladder, which reads the old command before it is overtaken.
    intents = {intent.command_id for intent in erase_ladder.erase_intents(device_id=device_id)}
    queue.overtake_commands(
        enrollment_id=old.id, detail="the phone came back with a new enrollment", keep=frozenset(intents)
    )


@unit_of_work
def update_token(
    *,
    enrollment_id: UUID,
    token: bytes,
    push_magic: str,
    unlock_token: bytes | None,
    topic: str,
    message_digest: str = "",
) -> bool:
    """Keep the push token; whether this was the first one, by which the device is enrolled.

    An unlock token that a later message leaves out is kept.
    """
    row = Enrollment.objects.select_related("device").get(pk=enrollment_id)
    if row.device is None or row.state not in Enrollment.LIVE:
        raise WrongIdentity("This enrollment has ended, or has not begun.")
    first: bool = row.state == Enrollment.AUTHENTICATED
    row.push_token, row.push_magic, row.token_dead_at = token, push_magic, None
    row.topic = topic
    if unlock_token is not None:
        row.unlock_token = unlock_token
    if first:
        row.state, row.enrolled_at = Enrollment.ENROLLED, clock.now()
    row.save(force_update=True)
    if first:
        _record_enrolled(row, row.device, message_digest)
    elif queue.has_open_commands(enrollment_id=row.id):
        # Pushes to the token before may have reached nobody.
        push_soon(practice_id=row.practice_id, enrollment_id=row.id)
    return first


def _record_enrolled(row: Enrollment, device: Device, message_digest: str) -> None:
    record(
        DeviceEnrolled(
            practice_id=row.practice_id,
            actor=f"device:{device.id}",
            subject=f"device:{device.id}",
            device_id=device.id,
            enrollment_id=row.id,
            member_id=device.member_id,
            label=device.label,
            device_kind=device.kind,
            ownership=device.ownership,
            shared=device.shared,
            serial=device.serial,
            access_rights=row.access_rights,
            message_digest=message_digest,
        )
    )


@unit_of_work
def check_out(*, enrollment_id: UUID, message_digest: str = "") -> None:
    """The device says that its management profile is gone."""
    row = Enrollment.objects.get(pk=enrollment_id)
    if row.state not in Enrollment.LIVE or row.device_id is None:
        return
    Enrollment.objects.filter(pk=row.pk).update(state=Enrollment.CHECKED_OUT, ended_at=clock.now())
    record(
        EnrollmentCheckedOut(
            practice_id=row.practice_id,
            actor=f"device:{row.device_id}",
            subject=f"device:{row.device_id}",
            device_id=row.device_id,
            enrollment_id=row.id,
            message_digest=message_digest,
        )
    )
    revoke_identities(enrollment_id=row.id, reason="cessation", by=f"device:{row.device_id}")
    queue.overtake_commands(enrollment_id=row.id, detail="management was removed from the phone")


@unit_of_work
def push_token_died(*, enrollment_id: UUID) -> None:
    """Apple answered 410: the token reaches no phone any more."""
    row = Enrollment.objects.get(pk=enrollment_id)
    if row.token_dead_at is None and row.device_id is not None:
        Enrollment.objects.filter(pk=row.pk).update(token_dead_at=clock.now())
        record(
            PushTokenDead(
                practice_id=row.practice_id,
                actor="system:push",
                subject=f"device:{row.device_id}",
                device_id=row.device_id,
                enrollment_id=row.id,
            )
        )
    erase_ladder.on_push_unregistered(enrollment_id=enrollment_id)
