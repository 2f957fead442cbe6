"""The merged timeline of a case: everything recorded under it, and what its devices did."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pocketward.fleet import api as fleet_api
from pocketward.incidents.cases import CaseRecord
from pocketward.incidents.exposure import QUESTIONS
from pocketward.incidents.frozen import POSTURES
from pocketward.kernel.canonical import read_moment
from pocketward.response import api as response_api
from pocketward.spine.api import event_bodies

BEFORE = timedelta(hours=24)
PAGE = 1000
_HUMP = re.compile(r"[A-Z][a-z]+")
PROOF = "fleet.command_proof_advanced"

SENTENCES: dict[str, str] = {
    "response.loss_reported": "Somebody reported it lost",
    "response.loss_sighted": "Another report that closes nothing came in (number {number})",
    "response.loss_identified": "An officer said whose phone it is: {labels_text}",
    "response.loss_confirmed": "The loss was confirmed",
    "response.found_reported": "Somebody says they have it again",
    "response.loss_reversed": "The report was reversed; its hold is lifted",
    "response.doors_closed": "Doors: {doors_text}",
    "response.officer_alerted": "An officer was called {mail_text}",
    "response.alert_mailed": "The mail of a call: {outcome_text}",
    "response.alert_seen": "A called officer opened the case",
    "response.alert_answered": "An officer answered",
    "response.pushed_again": "Pushed again, try {attempt}: {outcome_text}",
    "response.colleague_code_made": "A colleague’s code was made",
    "response.restore_denied": "The person tried to open records again; refused: {why}",
    "response.location_asked": "Asked where it is",
    "response.locating_ended": "Asking where it is has ended: {why}",
    "response.location_viewed": "The place was looked at",
    "response.location_erased": "The place was erased",
    "response.erase_chosen": "Erase asked for; we advised: {advised}",
    "response.management_revoked": "The management certificate was revoked. {told}",
    "response.reporter_thanked": "Whoever reported was thanked",
    "response.step_advanced": "{step_text}: {receipt}",
    "access.hold_placed": "Records held on the phone",
    "access.hold_lifted": "The hold was lifted",
    "access.records_closed": "Records closed on the phone",
    "access.records_opened": "Records open on the phone again",
    "access.gate_session_started": "Signed in to {app_name}",
    "access.gate_session_ended": "A session was ended: {reason}",
    "pki.certificate_held": "Access certificate put on hold",
    "pki.certificate_hold_lifted": "Access certificate free again",
    "pki.certificate_revoked": "Certificate revoked",
    "fleet.device_marked_lost": "Marked as lost",
    "fleet.device_found": "No longer marked as lost",
    "fleet.device_heard_again": "The phone spoke again after {silent_hours} hours of silence",
    "fleet.device_state_reported": "The phone reported its state",
    "fleet.device_authenticated": "The phone joined with new keys",
    PROOF: "{command_text}: {proof}",
    "fleet.destructive_command_approved": "A second officer approved: {command_text}",
    "fleet.destructive_command_refused": "{command_text} was refused by the guard",
    "fleet.erase_proven": "Erase proven: {proven_by}",
    "fleet.erase_contradicted": "The phone spoke again with its old identity: not erased",
    "fleet.erase_cannot_be_offered": "The phone came back as a personal one; it cannot be erased",
    "fleet.erase_offered_again": "The phone came back; the erase is offered again",
    "fleet.push_token_dead": "Apple says the phone cannot be reached by push",
    "fleet.location_received": "The phone told where it is (kept as evidence)",
    "posture.integrity_check_failed": "A sign of tampering on the phone: {value}",
    "posture.posture_changed": "Checks of the phone: {posture_text}",
    "incidents.case_led": "An officer leads the case",
    "incidents.case_identified": "The case bears its phones: {labels_text}",
    "incidents.case_opened": "Case {number} opened",
    "incidents.discovery_changed": "Moment of discovery changed: {source}",
    "incidents.exposure_answered": "{question_text} Answered: {answer}",
    "incidents.breach_decided": "Decided: {verdict_text}",
    "incidents.case_closed": "Case closed",
    "incidents.case_exported": "The case was taken as a document",
}

CALLED_BY = {
    "queued": "by mail and under Incidents",
    "not_configured": "under Incidents only; no mail is set up",
    "no_address": "under Incidents only; no mail address",
}

# What came of a push, by `fleet.push.Pushed.said`.
PUSH_SAID = {
    "accepted": "Apple took it",
    "gone": "Apple says that it reaches no phone any more",
    "refused": "Apple refused it",
    "unreachable": "Apple could not be reached",
    "no_certificate": "no push certificate fits",
    "no_token": "there is nothing to push to any more",
}


@dataclass(frozen=True)
class Moment:
    """One line of the timeline; `command`, `rung` and `why` are set where a command climbed its ladder."""

    at: datetime
    kind: str
    sentence: str
    source: str
    actor: str
    seq: int
    command: str = ""
    rung: str = ""
    # Why the rung was reached, above all why a command ended.
    why: str = ""
    # What phones do every day, case or no case: questions, settings, their answers; nothing that destroys.
    routine: bool = False


def timeline(case: CaseRecord) -> tuple[Moment, ...]:
    """What happened, oldest first, from a day before the report on."""
    seen: dict[int, Mapping[str, Any]] = {}
    start = case.discovered_at - BEFORE
    for event in _all_of(case, case_ref=case.case_ref):
        seen[event["seq"]] = event
    for device_id in case.device_ids:
        for event in _all_of(case, subject=f"device:{device_id}", since=start):
            seen[event["seq"]] = event
    moments = (_moment(event, case.case_ref) for event in seen.values() if "occurred_at" in event)
    return tuple(sorted((item for item in moments if item.at >= start), key=lambda item: (item.at, item.seq)))


def _all_of(case: CaseRecord, **which: Any) -> Iterator[Mapping[str, Any]]:
    """Every event of these that has a sentence, page by page: a case must not end where a page does."""
    after = 0
    while True:
        page = list(
            event_bodies(
                practice_id=case.practice_id, kinds=tuple(SENTENCES), after_seq=after, limit=PAGE, **which
            )
        )
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1]["seq"]


@cache
def _step_titles() -> dict[str, str]:
    return {step.id: step.title for plan in response_api.playbooks() for step in plan.steps}


def _sentence(text: str) -> str:
    """The text with a capital, and without the space or colon that an empty value leaves at its end."""
    whole = " ".join(text.split()).rstrip(" :")
    return whole[:1].upper() + whole[1:]


def _is_routine(event: Mapping[str, Any], case_ref: str) -> bool:
    """Whether it is a phone's every day: no person ordered it, no case, and it destroys nothing."""
    if event["kind"] == "fleet.device_state_reported":
        return True
    if event["kind"] != PROOF or event.get("case_ref", "") == case_ref:
        return False
    by_person = str(event.get("actor", "")).startswith("member:")
    destroys = fleet_api.may_destroy(
        request_type=str(event["request_type"]), purpose=str(event.get("purpose", ""))
    )
    return not by_person and not destroys


def _command_words(request_type: str) -> str:
    """Apple's name of a command as words, "Erase device": who looks for it in the ledger knows it still."""
    first, *rest = _HUMP.findall(request_type) or [request_type]
    return " ".join((first, *(word.lower() for word in rest)))


def _moment(event: Mapping[str, Any], case_ref: str) -> Moment:
    fields = dict(event)
    fields["command_text"] = _command_words(str(event.get("request_type", "")))
    fields["doors_text"] = ", ".join(
        f"{door['app']} {'closed' if door['closed'] else 'not closed'}" for door in event.get("doors", [])
    )
    fields["mail_text"] = CALLED_BY.get(str(event.get("mail")), "")
    outcome = str(event.get("outcome", ""))
    fields["outcome_text"] = PUSH_SAID.get(outcome, outcome.replace("_", " "))
    fields["labels_text"] = ", ".join(str(label) for label in event.get("labels", ()))
    fields["verdict_text"] = str(event.get("verdict", "")).replace("_", " ")
    fields["posture_text"] = POSTURES.get(str(event.get("posture")), str(event.get("posture", "")))
    question = str(event.get("question", ""))
    fields["question_text"] = QUESTIONS[question][0] if question in QUESTIONS else "Exposure worksheet."
    step = str(event.get("step", ""))
    fields["step_text"] = _step_titles().get(step, step.replace("_", " "))
    return Moment(
        at=read_moment(str(event["occurred_at"])),
        kind=str(event["kind"]),
        sentence=_sentence(SENTENCES[str(event["kind"])].format_map(fields)),
        source=str(event["kind"]).partition(".")[0],
        actor=str(event.get("actor_name") or event.get("actor", "")),
        seq=int(event["seq"]),
        command=str(event.get("command_id", "")) if event["kind"] == PROOF else "",
        rung=str(event.get("proof", "")) if event["kind"] == PROOF else "",
        why=str(event.get("detail", "")) if event["kind"] == PROOF else "",
        routine=_is_routine(event, case_ref),
    )
