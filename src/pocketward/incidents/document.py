"""The incident as a PDF: from the case's facts alone, the same bytes for the same facts."""

from __future__ import annotations

import json
from datetime import UTC
from importlib import resources
from zoneinfo import ZoneInfo

import typst

from pocketward.incidents.cases import CaseRecord
from pocketward.incidents.events import CaseExported
from pocketward.incidents.exposure import worksheet
from pocketward.incidents.models import Case
from pocketward.incidents.timeline import timeline
from pocketward.kernel import clock, crypto
from pocketward.practice import api as practice_api
from pocketward.response import api as response_api
from pocketward.spine.api import record, unit_of_work

VERDICTS = {
    "presumed_breach": "It counts as a breach until the privacy officer decides otherwise.",
    "breach": "The privacy officer decided that it is a breach.",
    "low_probability": "The privacy officer found a low probability that data was compromised.",
}


def incident_pdf(case: CaseRecord, *, ledger: str) -> bytes:
    """The document; `ledger` says where the log stood (size and root), so that the paper can be checked.

    Data goes in as JSON, never as markup; the template reaches no network.
    """
    template = resources.files("pocketward.incidents") / "templates" / "incident.typ"
    data = json.dumps(_facts(case, ledger), ensure_ascii=False)
    pdf: bytes = typst.compile(
        template.read_bytes(),
        format="pdf",
        sys_inputs={"data": data},
        timestamp=int(clock.now().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()),
    )
    return pdf


def _facts(case: CaseRecord, ledger: str) -> dict[str, object]:
    practice = practice_api.get_practice(practice_id=case.practice_id)
    zone = ZoneInfo(practice.zone)

    def local(moment: object) -> str:
        return moment.astimezone(zone).strftime("%b %-d, %Y, %-I:%M:%S %p")  # type: ignore[attr-defined,no-any-return]

    return {
        "practice": practice.name,
        "zone": practice.zone,
        "number": case.number,
        "what": ", ".join(case.labels) or "No phone was matched",
        "who": case.member_name or "Nobody was matched",
        "opened": local(case.opened_at),
        "discovered": f"{local(case.discovered_at)} ({case.discovered_why})",
        "limit": case.breach_clock.limit_on.strftime("%b %-d, %Y"),
        "verdict": VERDICTS[case.verdict],
        "verdict_reason": case.verdict_reason,
        "steps": [
            {"title": item.title, "state": item.state.replace("_", " "), "receipt": item.receipt}
            for item in response_api.steps(practice_id=case.practice_id, case_ref=case.case_ref)
        ],
        "doors": [
            {"app": item.app_name, "closed": item.is_closed, "sentence": item.sentence}
            for item in response_api.doors(practice_id=case.practice_id, case_ref=case.case_ref)
        ],
        "exposure": [
            {"question": row.sentence, "answer": row.answer, "source": row.source}
            for row in worksheet(case_id=case.id)
        ],
        "timeline": [
            {"at": local(item.at), "text": item.sentence, "from": item.source} for item in timeline(case)
        ],
        "ledger": ledger,
        "printed": clock.now().astimezone(UTC).strftime("%Y-%m-%d"),
    }


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
