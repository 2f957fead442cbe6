"""The exposure worksheet, the decision at its end, the case's document, and closing it."""

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pocketward.incidents import api as incidents_api
from pocketward.incidents.api import CaseRecord, DecisionRecord, ExposureRow
from pocketward.kernel.errors import PocketwardError
from pocketward.ledger import api as ledger_api
from pocketward.spine.api import unit_of_work
from pocketward.web.components.crumbs import Choice, FieldError, PlainLine
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.incidents.building import crumbs, fact_lines, tabs
from pocketward.web.incidents.pages import ExposurePage, Question
from pocketward.web.incidents.reading import CaseFacts, read_case
from pocketward.web.names import Names, names_of
from pocketward.web.phones.models import model_words
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

VERDICTS = {"breach": "breach", "low": "low_probability"}
ANSWERS = (("yes", "Yes"), ("no", "No"), ("unknown", "Unknown"))


def _opened(visitor: Visitor, case_ref: str) -> tuple[CaseFacts, CaseRecord]:
    facts = read_case(visitor, case_ref)
    if facts is None or facts.case is None:
        raise Http404
    return facts, facts.case


@require_http_methods(["GET", "POST"])
@practice_page()
def exposure(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """What could have been seen: facts where there are facts, a person's answer elsewhere."""
    facts, case = _opened(visitor, case_ref)
    if request.method == "POST":
        try:
            count = _save(request, visitor, case)
        except PocketwardError as error:
            return _page(request, visitor, facts, case, (FieldError(error.sentence),))
        leave_toast(request, ngettext("%(n)s answer kept.", "%(n)s answers kept.", count) % {"n": count})
        if request.POST.get("reason", "").strip() or request.POST.get("decision"):
            # A decision that was begun, and is not made yet, stays in its fields.
            return _page(request, visitor, facts, case, ())
        return HttpResponseRedirect(f"{visitor.base}incidents/{case_ref}/exposure/")
    return _page(request, visitor, facts, case, ())


def _save(request: HttpRequest, visitor: Visitor, case: CaseRecord) -> int:
    """Keep every line that was changed, and that all were gone through; how many changed."""
    changed = _keep_answers(request, visitor, case)
    incidents_api.complete_worksheet(case_id=case.id, by_member_id=visitor.member.id)
    return changed


def _keep_answers(request: HttpRequest, visitor: Visitor, case: CaseRecord) -> int:
    changed = 0
    for row in incidents_api.worksheet(case_id=case.id):
        said = request.POST.get(row.question, row.answer)
        detail = " ".join(request.POST.get(f"note-{row.question}", row.detail).split())[:300]
        if said in incidents_api.ANSWERS and (said, detail) != (row.answer, row.detail):
            incidents_api.answer(
                case_id=case.id, question=row.question, answer=said, detail=detail,
                by_member_id=visitor.member.id,
            )  # fmt: skip
            changed += 1
    return changed


def _page(
    request: HttpRequest, visitor: Visitor, facts: CaseFacts, case: CaseRecord, errors: tuple[FieldError, ...]
) -> HttpResponse:
    names = names_of(visitor.practice.id)
    page = exposure_page(visitor, facts, case, names, errors, take_toast(request), request.POST)
    status = 400 if errors else 200
    shell = console_shell(visitor, "incidents")
    return console_page(request, "incidents/exposure.html", page, shell, status=status)


def exposure_page(
    visitor: Visitor,
    facts: CaseFacts,
    case: CaseRecord,
    names: Names,
    errors: tuple[FieldError, ...],
    toast: str,
    typed: Mapping[str, str],
) -> ExposurePage:
    """The worksheet with the decision beside it; what was `typed` and is not kept stands in its fields."""
    rows = incidents_api.worksheet(case_id=case.id)
    known = sum(1 for row in rows if row.answer != "unknown")
    place = f"{visitor.base}incidents/{case.case_ref}/"
    made = incidents_api.decisions(case_id=case.id)
    decides = "privacy_officer" in visitor.member.roles
    return ExposurePage(
        title=_("Exposure worksheet"),
        crumbs=crumbs(visitor, facts, _("Exposure worksheet")),
        tabs=tabs(facts, place, "exposure/"),
        say=_("We know %(n)s of %(all)s answers.") % {"n": known, "all": len(rows)},
        follow=_("What nobody knows stays “unknown”. That is never read as no."),
        action="",
        questions=tuple(_question(row, visitor, names, typed) for row in rows),
        facts=(_last_had(facts), *fact_lines(visitor, facts)),
        answered=_("%(n)s of %(all)s known") % {"n": known, "all": len(rows)},
        decided=tuple(_decided(item, visitor, names) for item in reversed(made)),
        may_decide=decides and case.state == "open",
        decide_url=f"{place}decide/",
        verdicts=tuple(Choice(key, label, typed.get("decision") == key) for key, label in _verdict_words()),
        reason=typed.get("reason", ""),
        fault_of={item.field: item.text for item in errors if item.field},
        pdf_url=f"{place}report.pdf",
        close_url=f"{place}close/" if visitor.may_change and case.verdict_at and case.state == "open" else "",
        may_change=visitor.may_change and case.state == "open",
        errors=errors,
        toast=toast,
    )


def _verdict_words() -> tuple[tuple[str, str], ...]:
    return (
        ("breach", _("It is a breach: people are told")),
        ("low", _("Low probability of compromise, for the reason below")),
    )


def _last_had(facts: CaseFacts) -> PlainLine:
    words = {
        "now": _("just before the report"),
        "today": _("earlier that day"),
        "earlier": _("before that day"),
    }
    return PlainLine(_("Last had it"), words.get(facts.report.when_seen, _("not told")))


def _question(row: ExposureRow, visitor: Visitor, names: Names, typed: Mapping[str, str]) -> Question:
    fact, said = "", typed.get(row.question, row.answer)
    if row.observed_at is not None:
        who = names.actor(row.answered_by) if row.answered_by.startswith("member:") else row.source
        fact = _("%(source)s, %(when)s") % {"source": who, "when": visitor.clock.when(row.observed_at)}
    return Question(
        key=row.question,
        text=row.sentence,
        from_facts=fact,
        answers=tuple(Choice(value, label, value == said) for value, label in ANSWERS),
        note=typed.get(f"note-{row.question}", row.detail),
    )


def _decided(item: DecisionRecord, visitor: Visitor, names: Names) -> str:
    words = {"breach": _("It is a breach"), "low_probability": _("Low probability of compromise")}
    text = _("%(verdict)s. Decided by %(who)s, %(when)s: %(reason)s")
    return text % {
        "verdict": words[item.verdict],
        "who": names.actor(item.by),
        "when": visitor.clock.when(item.at),
        "reason": item.reason,
    }


@require_POST
@practice_page(change=frozenset({"privacy_officer"}))
def decide(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """The privacy officer concludes, in writing; the answers typed beside it are kept with it, or none is."""
    facts, case = _opened(visitor, case_ref)
    verdict = VERDICTS.get(request.POST.get("decision", ""), "")
    try:
        unit_of_work(_decide)(request, visitor, case, verdict)
    except PocketwardError as error:
        fault = FieldError(error.sentence, "reason" if verdict else "decision")
        return _page(request, visitor, facts, case, (fault,))
    leave_toast(request, _("Decided. It is kept with your name and reason, and so is every earlier one."))
    return HttpResponseRedirect(f"{visitor.base}incidents/{case_ref}/exposure/")


def _decide(request: HttpRequest, visitor: Visitor, case: CaseRecord, verdict: str) -> None:
    if case.state == "open":
        _keep_answers(request, visitor, case)
    incidents_api.decide_breach(
        case_ref=case.case_ref, verdict=verdict, reason=request.POST.get("reason", ""),
        by_member_id=visitor.member.id,
    )  # fmt: skip


@require_POST
@practice_page()
def close(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """Close a decided case, and thank whoever reported."""
    facts, case = _opened(visitor, case_ref)
    try:
        incidents_api.close_case(case_ref=case_ref, by_member_id=visitor.member.id)
    except PocketwardError as error:
        return _page(request, visitor, facts, case, (FieldError(error.sentence),))
    leave_toast(request, _("The case is closed and stays on file."))
    return HttpResponseRedirect(f"{visitor.base}incidents/")


@require_GET
@practice_page()
def report_pdf(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """The case as a document; taking it is a sealed fact."""
    _facts, case = _opened(visitor, case_ref)
    head = ledger_api.latest_checkpoint(practice_id=visitor.practice.id)
    where = f"{head.size} entries, root {head.root.hex()}" if head else "nothing sealed yet"
    data = incidents_api.incident_pdf(case, ledger=where, model=model_words)
    incidents_api.note_export(case_ref=case_ref, form="pdf", content=data, by=visitor.actor)
    answer = HttpResponse(data, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="incident-{case.number}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
