"""The incident as a PDF: from the case's facts alone, the same bytes for the same facts."""

from __future__ import annotations

import json
from datetime import datetime
from importlib import resources
from zoneinfo import ZoneInfo

import typst

from pocketward.fleet import api as fleet_api
from pocketward.incidents.cases import CaseRecord
from pocketward.incidents.deciding import decisions
from pocketward.incidents.discovery import discovery_candidates
from pocketward.incidents.document_lines import document_lines, without_routine
from pocketward.incidents.events import CaseExported
from pocketward.incidents.exposure import worksheet
from pocketward.incidents.frozen import ModelWords, frozen_words
from pocketward.incidents.models import Case
from pocketward.incidents.timeline import timeline
from pocketward.kernel import clock, crypto
from pocketward.practice import api as practice_api
from pocketward.response import api as response_api
from pocketward.spine.api import record, unit_of_work

ACTS = {"erase": "erase it", "remove_work_data": "remove the work data", "wait": "wait"}
LAST_HAD = {
    "now": "just before the report",
    "today": "earlier that day",
    "earlier": "before that day",
    "unknown": "not told",
}
LOCKING = ("EnableLostMode", "DeviceLock")
STATES = {"needs_person": "waits for a person"}
VERDICTS = {
    "presumed_breach": "It counts as a breach until the privacy officer decides otherwise.",
    "breach": "The privacy officer decided that it is a breach.",
    "low_probability": "The privacy officer found a low probability that data was compromised.",
}


def incident_pdf(case: CaseRecord, *, ledger: str, model: ModelWords) -> bytes:
    """The document; `ledger` says where the log stood (size and root), so that the paper can be checked.

    `model` names a phone's model as the pages do.
    Data goes in as JSON, never as markup; the template reaches no network.
    """
    template = resources.files("pocketward.incidents") / "templates" / "incident.typ"
    data = json.dumps(_facts(case, ledger, model), ensure_ascii=False)
    pdf: bytes = typst.compile(
        template.read_bytes(),
        format="pdf",
        sys_inputs={"data": data},
        timestamp=int(clock.now().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()),
    )
    return pdf


class _Words:
    """Moments and names as the document writes them, in the practice's zone."""

    def __init__(self, case: CaseRecord) -> None:
        self.practice = practice_api.get_practice(practice_id=case.practice_id)
        self.zone = ZoneInfo(self.practice.zone)
        people = practice_api.members(practice_id=case.practice_id, with_left=True, with_technicians=True)
        self.names = {f"member:{person.id}": person.full_name for person in people}

    def local(self, moment: datetime | None) -> str:
        """Nov 22, 2026, 1:14:17 PM."""
        return moment.astimezone(self.zone).strftime("%b %-d, %Y, %-I:%M:%S %p") if moment else "never"

    def after(self, start: datetime, moment: datetime) -> str:
        """1:14:17 PM on the day of `start`, with its day on every other."""
        local = moment.astimezone(self.zone)
        is_same_day = local.date() == start.astimezone(self.zone).date()
        return local.strftime("%-I:%M:%S %p") if is_same_day else self.local(moment)

    def read(self, value: str) -> str:
        """A moment that stands as text among other values, as the document writes moments."""
        try:
            return self.local(datetime.fromisoformat(value))
        except ValueError:
            return value

    def who(self, actor: str) -> str:
        """A person's name, or what acted."""
        if actor.startswith("anonymous:"):
            return "somebody without sign-in"
        kind = actor.partition(":")[0]
        return self.names.get(actor, {"system": "Pocketward", "device": "the phone"}.get(kind, actor))

    def signed(self, actor: str, at: datetime | None) -> str:
        """Who, and when; empty when nobody did."""
        return f"{self.who(actor)}, {self.local(at)}" if at else ""


def _grouped(digits: str) -> str:
    """Hex digits in eights, so that a line of the page can end between them."""
    return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))


def _facts(case: CaseRecord, ledger: str, model: ModelWords) -> dict[str, object]:
    words, made = _Words(case), decisions(case_id=case.id)
    return {
        "practice": words.practice.name,
        "zone": words.practice.zone,
        "number": case.number,
        "what": ", ".join(case.labels) or "No phone was matched",
        "who": case.member_name or "Nobody was matched",
        "state": case.state,
        "opened": words.local(case.opened_at),
        "closed": words.local(case.closed_at) if case.closed_at else "still open",
        "lead": words.who(case.lead) if case.lead else "nobody yet",
        "discovered": f"{words.local(case.discovered_at)} ({case.discovered_why})",
        "limit": case.breach_clock.limit_on.strftime("%b %-d, %Y"),
        "verdict": VERDICTS[case.verdict],
        "verdict_reason": case.verdict_reason,
        "verdict_by": words.signed(case.verdict_by, case.verdict_at),
        "earlier": [
            {"what": VERDICTS[item.verdict], "reason": item.reason, "by": words.signed(item.by, item.at)}
            for item in made[:-1]
        ],
        "reason_seals": _seals(case, words),
        **_of_report(case, words, model),
        **_of_acts(case, words),
        "exposure": [
            {
                "question": row.sentence, "answer": row.answer, "note": row.detail,
                "source": words.who(row.answered_by) if row.answered_by[:7] == "member:" else row.source,
            }
            for row in worksheet(case_id=case.id)
        ],
        **_timeline(case, words),
        "ledger": ledger,
        # The day alone: the same facts make the same bytes.
        "printed": clock.now().astimezone(words.zone).strftime("%b %-d, %Y"),
    }  # fmt: skip


def _seals(case: CaseRecord, words: _Words) -> list[dict[str, str]]:
    """How each written reason is proven to be the one that the ledger means."""
    asked = response_api.locations(practice_id=case.practice_id, case_ref=case.case_ref)
    known = [item for item in discovery_candidates(case_id=case.id) if item.commitment]
    found = [
        *(("Decided", item.at, item.reason_key, item.commitment) for item in decisions(case_id=case.id)),
        *(("When it was known", item.at, item.reason_key, item.commitment) for item in known),
        *(_seal("Asked where it is", item.asked_at, item.reason_key, item.reason) for item in asked),
        *(_seal("Looked at the place", look.at, look.purpose_key, look.purpose)
          for item in asked for look in item.looks),
        *(_seal(step.title, why.at, why.reason_key, why.reason)
          for step in response_api.steps(practice_id=case.practice_id, case_ref=case.case_ref)
          for why in step.reasons),
    ]  # fmt: skip
    return [
        {"what": what, "at": words.local(at), "key": _grouped(key.hex()), "seal": _grouped(seal)}
        for what, at, key, seal in found
    ]


def _why(item: response_api.WrittenReason, words: _Words) -> str:
    return f"Written by {words.signed(item.by, item.at)}: {item.reason}"


def _seal(what: str, at: datetime, key: bytes, text: str) -> tuple[str, datetime, bytes, str]:
    return what, at, key, crypto.commitment(key, text)


def _timeline(case: CaseRecord, words: _Words) -> dict[str, object]:
    """What happened, and how much of every day's from before the report is left out."""
    reported_at = response_api.get_report(case_ref=case.case_ref).reported_at
    printed, left_out = without_routine(timeline(case), before=reported_at)
    return {
        "timeline": document_lines(printed, who=words.who, when=words.local, after=words.after),
        "left_out": left_out,
    }


def _erase_title(chosen: set[str]) -> str:
    """By what was asked for, whatever came of it: it may still wait, or have been stopped."""
    if chosen == {"remove_work_data"}:
        return "Why the removal of its work data was asked for"
    return "Why an erase was asked for" if chosen == {"erase"} else "Why each erase or removal was asked for"


def _receipt(step: response_api.StepRecord, case: CaseRecord, words: _Words) -> str:
    """The step's receipt; of a lock that was seen from outside too, when: its page shows the same."""
    if step.step != "lock" or step.state != "done":
        return step.receipt
    orders = [
        command
        for device_id in case.device_ids
        for command in fleet_api.commands(device_id=device_id, case_ref=case.case_ref)
        if command.request_type in LOCKING
    ]
    seen = [
        at for order in orders for proof, at, _why in order.rungs if proof == order.state == "corroborated"
    ]
    return f"{step.receipt} Corroborated, {words.local(max(seen))}." if seen else step.receipt


def _of_report(case: CaseRecord, words: _Words, model: ModelWords) -> dict[str, object]:
    """The report, what was frozen with it, and when it was known."""
    practice_id, case_ref = case.practice_id, case.case_ref
    report = response_api.get_report(case_ref=case_ref)
    frozen = response_api.frozen_facts(practice_id=practice_id, case_ref=case_ref)
    return {
        "reported": f"{words.local(report.reported_at)}, by {words.who(report.reported_by)}",
        "last_had": LAST_HAD[report.when_seen],
        "confirmed": words.local(report.confirmed_at) if report.confirmed_at else "not confirmed by anybody",
        "restored": f"{words.local(report.restored_at)}, by {words.who(report.restored_by)}"
        if report.restored_at
        else "",
        "candidates": [
            {
                "at": words.local(item.at),
                "source": item.source,
                "by": words.who(item.added_by),
                "chosen": item.chosen,
            }
            for item in discovery_candidates(case_id=case.id)
        ],
        "frozen": [
            {"phone": phone, "facts": [list(pair) for pair in pairs]}
            for phone, pairs in frozen_words(frozen=frozen, local=words.local, model=model)
        ],
    }


def _of_acts(case: CaseRecord, words: _Words) -> dict[str, object]:
    """What was done: steps, doors, erase decisions, look-ups."""
    practice_id, case_ref = case.practice_id, case.case_ref
    erases = response_api.erase_choices(practice_id=practice_id, case_ref=case_ref)
    return {
        "steps": [
            {
                "title": item.title, "state": STATES.get(item.state, item.state),
                "receipt": " ".join(
                    [_receipt(item, case, words), *(_why(why, words) for why in item.reasons)]
                ),
                "by": words.who(item.by) if item.by else "", "at": words.local(item.changed_at),
            }
            for item in response_api.steps(practice_id=practice_id, case_ref=case_ref)
        ],
        "doors": [
            {
                "app": item.app_name, "closed": item.is_closed, "sentence": item.sentence,
                "after": f"{item.milliseconds / 1000:.1f} s" if item.milliseconds is not None
                else "by hand" if item.is_closed else "",
                "by": words.who(item.by) if item.by else "",
            }
            for item in response_api.doors(practice_id=practice_id, case_ref=case_ref)
        ],
        "erase_title": _erase_title({item.chosen for item in erases}),
        "erases": [
            {
                "at": words.local(item.at), "by": words.who(item.by), "advised": ACTS[item.advised],
                "chosen": ACTS[item.chosen], "sentence": item.sentence,
                "reasons": "; ".join(f"{name}: {words.read(value)}" for name, value in item.reasons),
            }
            for item in erases
        ],
        "look_ups": [
            {
                "at": words.local(item.asked_at), "by": words.who(item.asked_by), "reason": item.reason,
                "notice": item.notice_version,
                "answer": "answered; the place is kept apart" if item.received_at else "not answered",
                "looks": "; ".join(
                    f"{words.who(f'member:{look.member_id}')}, {words.local(look.at)}: {look.purpose}"
                    for look in item.looks
                ),
            }
            for item in response_api.locations(practice_id=practice_id, case_ref=case_ref)
        ],
    }  # fmt: skip


@unit_of_work
def note_export(*, case_ref: str, form: str, content: bytes, by: str) -> None:
    """Somebody took the document: sealed with its digest."""
    row = Case.objects.get(case_ref=case_ref)
    record(
        CaseExported(
            practice_id=row.practice_id, actor=by, subject=f"case:{case_ref}", case_ref=case_ref, form=form,
            digest=crypto.sha256_hex(content),
        )
    )  # fmt: skip
