"""Check-in messages: a phone joins, tells how to reach it, or says that it leaves."""

from __future__ import annotations

from uuid import UUID

from pocketward.fleet import erase_ladder, joining, queue
from pocketward.fleet.apple.answers import GONE, MALFORMED, NOT_FOUND, OK, Answer
from pocketward.fleet.apple.identity import IdentityRefused, Presented
from pocketward.fleet.apple.rounds import first_round
from pocketward.fleet.apple.senders import (
    KnownSender,
    device_that_said_erased,
    enrollment_of_certificate,
    known_sender,
    require_same_device,
)
from pocketward.fleet.joining import WrongIdentity
from pocketward.fleet.models import Command, EraseIntent
from pocketward.fleet.unknown_keys import count_unknown_keys
from pocketward.kernel.crypto import sha256_hex
from pocketward.pki import api as pki_api
from pocketward.protocols.apple_mdm import (
    Authenticate,
    CheckIn,
    CheckOut,
    TokenUpdate,
    UserAuthenticate,
    parse_checkin,
)
from pocketward.protocols.apple_mdm import DeclarativeManagement as DeclarativeMessage
from pocketward.protocols.apple_mdm import GetToken as GetTokenMessage
from pocketward.spine.api import unit_of_work


def handle_checkin(practice_id: UUID, presented: Presented, body: bytes) -> Answer:
    """The answer to one check-in message; IdentityRefused, PlistError or MessageError for what is none."""
    message = parse_checkin(body)
    if isinstance(message, Authenticate):
        answer = _authenticate(practice_id, presented, message)
        count_unknown_keys(practice_id=practice_id, message=message.message_type, keys=message.unknown_keys)
        return answer
    sender = known_sender(practice_id, presented)
    require_same_device(sender, message)
    if sender.may_contradict:
        erase_ladder.on_identity_spoke(device_id=sender.device_id, fingerprint=sender.fingerprint)
    if not sender.is_live:
        raise IdentityRefused("enrollment_ended" if sender.is_trusted else "certificate_not_valid")
    count_unknown_keys(practice_id=practice_id, message=message.message_type, keys=message.unknown_keys)
    return _of_known(sender, message)


def _of_known(sender: KnownSender, message: CheckIn) -> Answer:
    if isinstance(message, TokenUpdate):
        return _token_update(sender, message)
    if isinstance(message, CheckOut):
        return _check_out(sender, message)
    if isinstance(message, UserAuthenticate):
        return GONE
    if isinstance(message, GetTokenMessage):
        # What Apple names for a service type that the server does not know (decision 0051).
        return MALFORMED
    if isinstance(message, DeclarativeMessage):
        # Not advertised: no declaration is assigned yet.
        return NOT_FOUND
    return OK


def _authenticate(practice_id: UUID, presented: Presented, message: Authenticate) -> Answer:
    """The identity was issued for one enrollment; it may name no other device than the one bound here."""
    erased_id = device_that_said_erased(practice_id, presented)
    if erased_id is not None:
        erase_ladder.on_identity_spoke(device_id=erased_id, fingerprint=presented.fingerprint)
    enrollment_id = enrollment_of_certificate(practice_id, presented)
    try:
        _join(enrollment_id, presented, message)
    except WrongIdentity as error:
        raise IdentityRefused("wrong_identity", error.sentence) from error
    return OK


@unit_of_work
def _join(enrollment_id: UUID, presented: Presented, message: Authenticate) -> None:
    joined = joining.authenticate(
        enrollment_id=enrollment_id,
        fingerprint=presented.fingerprint,
        udid=message.device_key[:80],
        serial=(message.serial_number or "")[:40],
        product_name=(message.product_name or "")[:40],
        topic=message.topic[:120],
        message_digest=sha256_hex(message.raw),
    )
    if joined.device_id is not None:
        pki_api.bind_device(enrollment_id=enrollment_id, device_id=joined.device_id)


@unit_of_work
def _token_update(sender: KnownSender, message: TokenUpdate) -> Answer:
    if message.is_user_channel:
        # The channel of a person on a Shared iPad: its token must not take the place of the device's own.
        return OK
    first = joining.update_token(
        enrollment_id=sender.enrollment_id,
        token=message.token,
        push_magic=message.push_magic,
        unlock_token=message.unlock_token,
        topic=message.topic[:120],
        message_digest=sha256_hex(message.raw),
    )
    if first:
        first_round(enrollment_id=sender.enrollment_id)
    return OK


@unit_of_work
def _check_out(sender: KnownSender, message: CheckOut) -> Answer:
    """Removing the management ends the phone's voice: its CheckOut may be all the answer there is."""
    intent = EraseIntent.objects.filter(
        device_id=sender.device_id, state=EraseIntent.OPEN, kind=EraseIntent.REMOVE_WORK_DATA
    ).first()
    if intent is not None:
        command = Command.objects.filter(pk=intent.command_id, offers__gt=0).first()
        if command is not None:
            queue.finish_command(
                command_id=command.id,
                enrollment_id=sender.enrollment_id,
                message_digest=sha256_hex(message.raw),
            )
            erase_ladder.on_acknowledged(command_id=command.id, fingerprint=sender.fingerprint)
    joining.check_out(enrollment_id=sender.enrollment_id, message_digest=sha256_hex(message.raw))
    return OK
