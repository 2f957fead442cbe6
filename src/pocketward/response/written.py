"""The playbook as a document: for the wall and the drawer, for when this server cannot be reached."""

from __future__ import annotations

import json
from importlib import resources

import typst

from pocketward.kernel import clock, crypto
from pocketward.practice.api import PracticeRecord
from pocketward.response.events import PlaybookTaken
from pocketward.response.playbook import Playbook
from pocketward.spine.api import record, unit_of_work

WHO = {"system": "by itself", "officer": "an officer", "privacy_officer": "the privacy officer"}


def within(minutes: int) -> str:
    """By when, after the report: at once, 15 minutes, 4 hours, 3 days."""
    if minutes == 0:
        return "at once"
    if minutes < 60:
        return f"{minutes} minute{'s' if minutes != 1 else ''}"
    hours = minutes // 60
    if hours < 72:
        return f"{hours} hour{'s' if hours != 1 else ''}"
    return f"{hours // 24} days"


def playbook_pdf(plan: Playbook, *, practice: PracticeRecord) -> bytes:
    """The written steps; the same bytes for the same day and text. Data goes in as JSON, never as markup."""
    template = resources.files("pocketward.response") / "templates" / "playbook.typ"
    data = {
        "practice": practice.name,
        "title": plan.title,
        "version": plan.version,
        "front_desk": practice.front_desk_phone or "",
        "on_call": practice.emergency_phone or "",
        "steps": [
            {
                "title": step.title, "who": WHO[step.who], "within": within(step.minutes),
                "only": step.only, "offline": step.offline,
            }
            for step in plan.steps
        ],
        "printed": clock.now().strftime("%Y-%m-%d"),
    }  # fmt: skip
    pdf: bytes = typst.compile(
        template.read_bytes(),
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=int(clock.now().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()),
    )
    return pdf


@unit_of_work
def note_playbook_taken(*, practice: PracticeRecord, plan: Playbook, content: bytes, by: str) -> None:
    """Somebody took the document: sealed with its digest and the steps' version."""
    record(
        PlaybookTaken(
            practice_id=practice.id, actor=by, subject=f"playbook:{plan.id}", playbook=plan.id,
            playbook_version=plan.version, digest=crypto.sha256_hex(content),
        )
    )  # fmt: skip
