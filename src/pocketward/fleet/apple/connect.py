"""A phone asks for work: its report on the last command is taken in, the next command is handed out.

Both happen in one transaction, so that a lost connection repeats a step but never skips one.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from functools import lru_cache
from typing import Final
from uuid import UUID

from pocketward.fleet import erase_ladder, queue, state
from pocketward.fleet.apple.answers import OK, Answer
from pocketward.fleet.apple.catalogue import apple_command
from pocketward.fleet.apple.command_record import CommandNotBuilt, CommandTarget
from pocketward.fleet.apple.identity import IdentityRefused, Presented
from pocketward.fleet.apple.proofs import ask_for_proof, corroborate
from pocketward.fleet.apple.senders import KnownSender, known_sender, require_same_device
from pocketward.fleet.apple.wire import build_command, target_of
from pocketward.fleet.events import LocationReceived, UnknownReplyReceived
from pocketward.fleet.models import Command, Enrollment
from pocketward.fleet.models.commands import CANCELLED
from pocketward.fleet.models.commands import REFUSED as COMMAND_REFUSED
from pocketward.fleet.unknown_keys import count_unknown_keys
from pocketward.kernel import clock
from pocketward.kernel.crypto import sha256_hex
from pocketward.protocols.apple_mdm import (
    CONNECT_CONTENT_TYPE,
    CommandReport,
    ReportStatus,
    parse_report,
    unknown_reply_keys,
    write_plist,
)
from pocketward.spine.api import keep_evidence, open_task, record, unit_of_work

log = logging.getLogger(__name__)

PLIST_TYPE = "application/x-plist"
HEARD_EVERY_SECONDS = 60.0
# An answer may make this many refused or unbuildable commands step aside before the phone is let go.
MOST_STEPS = 20
ERASE = "EraseDevice"
# Apple names its error domains so (MCMDMErrorDomain).
DOMAIN: Final = re.compile(r"[A-Za-z]{1,60}Domain")
# A phone that waits for work says the same bytes each time, fewer than these; what they say is read once.
SMALL_REPORT: Final = 1024
_small_report: Final = lru_cache(maxsize=2048)(parse_report)


class _Heard:
    """When each device's "last heard" was last written, so that an idle phone writes nothing most times."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._written: dict[UUID, tuple[float, str]] = {}

    def is_due(self, device_id: UUID, network: str = "") -> bool:
        """Whether a minute has passed since this process wrote it, or the phone speaks from elsewhere; counts
        as written from now on.
        """
        now = time.monotonic()
        with self._lock:
            at, where = self._written.get(device_id, (-HEARD_EVERY_SECONDS, network))
            due = now - at >= HEARD_EVERY_SECONDS or where != network
            if due:
                self._written[device_id] = (now, network)
        return due


_heard = _Heard()


def handle_connect(practice_id: UUID, presented: Presented, body: bytes, network: str = "") -> Answer:
    """The answer to one report; IdentityRefused, PlistError or MessageError for what is none.

    `network` is a digest of where it came from, kept as the phone's last one.
    """
    sender = known_sender(practice_id, presented)
    report = _small_report(body) if len(body) <= SMALL_REPORT else parse_report(body)
    require_same_device(sender, report)
    if sender.may_contradict:
        _note_contradiction(sender, report)
    if not sender.is_live:
        raise IdentityRefused("enrollment_ended" if sender.is_trusted else "certificate_not_valid")
    if report.is_user_channel:
        return OK
    if report.status is ReportStatus.IDLE and not sender.has_open_commands:
        if _heard.is_due(sender.device_id, network):
            state.note_heard(device_id=sender.device_id, network=network)
            # Counted when something is written anyway: a phone that waits for work costs no write.
            count_unknown_keys(practice_id=practice_id, message="Idle", keys=tuple(report.payload))
        return OK
    return _exchange(sender, report, network)


@unit_of_work
def _note_contradiction(sender: KnownSender, report: CommandReport) -> None:
    """The identity that acknowledged an erase speaks again: unless it only repeats that very answer."""
    repeated = _uuid(report.command_uuid)
    if (
        repeated is not None
        and Command.objects.filter(pk=repeated, request_type=ERASE, device_id=sender.device_id).exists()
    ):
        return
    erase_ladder.on_identity_spoke(device_id=sender.device_id, fingerprint=sender.fingerprint)


@unit_of_work
def _exchange(sender: KnownSender, report: CommandReport, network: str) -> Answer:
    enrollment = Enrollment.objects.select_related("device").get(pk=sender.enrollment_id)
    if _heard.is_due(sender.device_id, network):
        state.note_heard(device_id=sender.device_id, network=network)
    if report.status is not ReportStatus.IDLE:
        _take_in(sender, enrollment, report)
    return _next(enrollment, idle=report.status is ReportStatus.IDLE)


def _take_in(sender: KnownSender, enrollment: Enrollment, report: CommandReport) -> None:
    command_id = _uuid(report.command_uuid)
    if report.status is ReportStatus.NOT_NOW and command_id is not None:
        if not queue.park_command(command_id=command_id, enrollment_id=enrollment.id):
            _note_unknown(sender, report)
        return
    is_personal = enrollment.ownership == "personal"
    error = _error_text(report, is_personal) if report.status is not ReportStatus.ACKNOWLEDGED else ""
    digest = sha256_hex(report.raw)
    before = (
        Command.objects.filter(pk=command_id, enrollment_id=enrollment.id).first() if command_id else None
    )
    if command_id is None or before is None:
        _note_unknown(sender, report)
        return
    was_finished = before.finished_at is not None
    if before.state == CANCELLED and before.destructive and not error:
        _note_done_anyway(before)
    queue.finish(before, error=error, message_digest=digest)
    if not error and not was_finished:
        if before.destructive:
            erase_ladder.on_acknowledged(command_id=before.id, fingerprint=sender.fingerprint)
        _acknowledged(sender, enrollment, before, report, digest)


def _note_done_anyway(command: Command) -> None:
    """It had been called off after the phone had fetched it: too late, and a person must know."""
    open_task(
        command.practice_id,
        f"done-anyway:{command.device_id}",
        "A phone carried out an order that had been called off.",
    )


def _note_unknown(sender: KnownSender, report: CommandReport) -> None:
    """Kept and shown, never refused: a phone that gets an error for its answer sends it for ever."""
    if Command.objects.filter(pk=_uuid(report.command_uuid), enrollment_id=sender.enrollment_id).exists():
        return
    record(
        UnknownReplyReceived(
            practice_id=sender.practice_id,
            actor=f"device:{sender.device_id}",
            subject=f"device:{sender.device_id}",
            device_id=sender.device_id,
            enrollment_id=sender.enrollment_id,
            command_uuid=(report.command_uuid or "")[:80],
            message_digest=sha256_hex(report.raw),
        )
    )
    open_task(
        sender.practice_id,
        f"unknown-reply:{sender.device_id}",
        "A phone answered a command that this server never gave it.",
    )


def _acknowledged(
    sender: KnownSender, enrollment: Enrollment, command: Command, report: CommandReport, digest: str
) -> None:
    entry = apple_command(command.request_type)
    if entry is None:
        return
    count_unknown_keys(
        practice_id=command.practice_id,
        message=command.request_type,
        keys=unknown_reply_keys(command.request_type, report.payload),
    )
    target = target_of(enrollment)
    values = entry.read(report.payload, target)
    if values:
        facts = state.facts_from(values, source=command.request_type, at=clock.now())
        if state.save_state(enrollment_id=enrollment.id, facts=facts, message_digest=digest):
            _keep(command, entry.redact(report.payload, target), digest)
        corroborate(enrollment_id=enrollment.id, practice_id=enrollment.practice_id, facts=values)
    else:
        _keep(command, entry.redact(report.payload, target), digest)
    ask_for_proof(device_id=sender.device_id, request_type=command.request_type)
    _note_location(sender, command, target)


def _keep(command: Command, kept: dict[str, object] | None, digest: str) -> None:
    """Keep what the command's own redactor left of the answer; an unchanged answer keeps nothing."""
    if not kept:
        return
    evidence = keep_evidence(
        practice_id=command.practice_id,
        data=write_plist({"MessageDigest": digest, "Answer": kept}),
        media_type=PLIST_TYPE,
        kind=f"answer:{command.request_type}"[:40],
        case_ref=command.case_ref,
    )
    command.evidence_digest = evidence
    Command.objects.filter(pk=command.id).update(evidence_digest=evidence)


def _note_location(sender: KnownSender, command: Command, target: CommandTarget) -> None:
    if command.request_type != "DeviceLocation" or target.is_personal:
        return
    if command.evidence_digest:
        record(
            LocationReceived(
                practice_id=sender.practice_id,
                actor=f"device:{sender.device_id}",
                subject=f"device:{sender.device_id}",
                case_ref=command.case_ref,
                device_id=sender.device_id,
                command_id=command.id,
                evidence_digest=command.evidence_digest,
            )
        )


def _next(enrollment: Enrollment, *, idle: bool) -> Answer:
    """Hand out the next command; one that cannot be built is refused, and the next takes its place."""
    for _ in range(MOST_STEPS):
        command = queue.next_command(enrollment_id=enrollment.id, idle=idle)
        if command is None:
            return OK
        try:
            return Answer(200, build_command(enrollment, command), CONNECT_CONTENT_TYPE)
        except CommandNotBuilt as error:
            log.warning("command %s was not built: %s", command.id, error.sentence)
            row = Command.objects.get(pk=command.id)
            queue.advance(row, COMMAND_REFUSED, detail=error.sentence)
        idle = False
    return OK


def _error_text(report: CommandReport, is_personal: bool) -> str:
    """Why the phone did not do it. A personal phone's own words may name what is its holder's: they go."""
    if report.status is ReportStatus.COMMAND_FORMAT_ERROR:
        return "the phone could not read the command"
    items = [
        f"{item.domain if DOMAIN.fullmatch(item.domain) else 'another domain'} {item.code}"
        if is_personal
        else f"{item.domain} {item.code}: {item.us_english or item.localized}"
        for item in report.error_chain
    ]
    return "; ".join(items)[:300] or "the phone answered with an error"


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
