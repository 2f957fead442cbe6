"""The ledger: entries under their seal, one entry with its proof, verifying, exporting."""

import base64
import json
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from pocketward.kernel import clock as product_clock
from pocketward.kernel.errors import PocketwardError
from pocketward.ledger import api as ledger_api
from pocketward.ledger.api import Entry, EntryProof, VerifyReport
from pocketward.web.components.asked import read_number
from pocketward.web.components.crumbs import Choice, Crumb, PlainLine
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import READERS, practice_page
from pocketward.web.ledger.pages import EntryLine, EntryPage, LedgerPage, Seal
from pocketward.web.ledger.sentences import doer, kinds_like, known_kinds, what_happened
from pocketward.web.names import Names, names_of
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

PER_PAGE: Final = 50
# What each pill shows: its label, and the kinds of events it takes.
KINDS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "": (
        "What matters",
        (
            "practice.",
            "access.",
            "response.",
            "incidents.",
            "ledger.",
            "pki.authority_made",
            "pki.certificate_held",
            "pki.certificate_hold_lifted",
            "pki.certificate_revoked",
            "posture.",
            "fleet.device_enrolled",
            "fleet.device_removed",
            "fleet.device_restored",
            "fleet.device_assigned",
            "fleet.device_marked_lost",
            "fleet.device_found",
            "fleet.enrollment_",
            "fleet.erase_",
            "fleet.destructive_",
            "fleet.push_",
            "fleet.location_received",
            "fleet.device_message_refused",
            "fleet.unknown_reply_received",
        ),
    ),
    "all": ("Everything", ()),
    "changes": (
        "Changes",
        (
            "practice.",
            "policy.",
            "access.app_",
            "access.access_rules_changed",
            "access.permit_",
            "access.network_",
        ),
    ),
    "phones": ("Phones", ("fleet.", "posture.", "pki.")),
    "enrollments": (
        "Enrollments",
        (
            "fleet.enrollment_",
            "fleet.device_authenticated",
            "fleet.device_enrolled",
            "fleet.device_removed",
            "fleet.device_restored",
        ),
    ),
    "detections": ("Detections", ("posture.integrity_check_failed",)),
    "apps": ("Apps on phones", ("fleet.apps_changed",)),
    "records": (
        "Record access",
        ("access.gate_", "access.records_", "access.decision_", "access.emergency_"),
    ),
    "sign-ins": ("Sign-ins", ("access.signed_in", "access.sign_in")),
    "failed-sign-ins": ("Failed sign-ins", ("access.sign_in_failed",)),
    "incidents": ("Incidents", ("response.", "incidents.", "access.hold_")),
}


@require_GET
@practice_page()
def ledger(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Entries, newest first. `kind` is a pill's word or one kind of event; any other is 404."""
    page = _ledger_page(request, visitor)
    return console_page(request, "ledger/ledger.html", page, console_shell(visitor, "proof"))


def _ledger_page(request: HttpRequest, visitor: Visitor) -> LedgerPage:
    kind = _known_kind(request.GET.get("kind", ""))
    text = " ".join(request.GET.get("q", "").split())[:100]
    before = request.GET.get("before", "")
    names = names_of(visitor.practice.id)
    found = ledger_api.entries(
        practice_id=visitor.practice.id,
        kinds=_kinds(kind, text),
        text=_needle(text, names),
        before_index=read_number(before),
        limit=PER_PAGE + 1,
    )
    shown, more = found[:PER_PAGE], len(found) > PER_PAGE
    asked = {name: value for name, value in (("kind", kind), ("q", text)) if value}
    return LedgerPage(
        title=_("Ledger"),
        tabs=(),
        seal=_seal(visitor),
        verify_url=f"{visitor.base}proof/ledger/verify/",
        kinds=_pills(kind),
        q=text,
        lines=tuple(line_of(entry, names, visitor) for entry in shown),
        shown=ngettext("%(count)s entry", "%(count)s entries", len(shown)) % {"count": len(shown)},
        older_url=f"?{urlencode({**asked, 'before': shown[-1].index})}" if more else "",
        newer_url=f"?{urlencode(asked)}" if before else "",
        export_url=f"{visitor.base}proof/ledger/export/" if visitor.may_change else "",
        decisions_url=f"{visitor.base}decisions/",
        toast=take_toast(request),
    )


def _known_kind(asked: str) -> str:
    if asked not in KINDS and asked not in known_kinds():
        raise Http404
    return asked


def _pills(kind: str) -> tuple[Choice, ...]:
    """The pills; a single kind that was asked for by its own name stands after them."""
    pills = [Choice(f"?kind={key}" if key else "?", label, key == kind) for key, (label, _k) in KINDS.items()]
    if kind not in KINDS:
        pills.append(Choice(f"?kind={kind}", kind, True))
    return tuple(pills)


def _kinds(kind: str, text: str) -> tuple[str, ...]:
    """A search looks everywhere unless a pill was chosen."""
    if kind not in KINDS:
        return (kind,)
    starts = () if text and not kind else KINDS[kind][1]
    return kinds_like(*starts) if starts else ()


def _needle(text: str, names: Names) -> str:
    """What to look for in the content: a name stands there as an id, so look for that."""
    if not text:
        return ""
    wanted = text.casefold()
    for names_by_id in (names.people, names.devices):
        hits = [key for key, name in names_by_id.items() if wanted in name.casefold()]
        if len(hits) == 1:
            return hits[0]
    return text


def line_of(entry: Entry, names: Names, visitor: Visitor) -> EntryLine:
    """One row of the ledger in words."""
    return EntryLine(
        number=f"{entry.index + 1:,}",
        url=f"{visitor.base}proof/ledger/{entry.index + 1}/",
        time=visitor.clock.when(entry.occurred_at, seconds=True),
        who=doer(entry, names),
        what=what_happened(entry.kind, entry.body, names),
        note=_note(entry)[0],
        note_url=f"{visitor.base}{_note(entry)[1]}" if _note(entry)[1] else "",
        erased=entry.redacted,
    )


def _note(entry: Entry) -> tuple[str, str]:
    """Where an entry leads: its decision or its case, with the address below the practice."""
    decision = str((entry.body or {}).get("decision", "")) if entry.kind == "access.decision_made" else ""
    if decision:
        return _("Why"), f"decisions/{decision}/"
    if entry.case_ref.startswith("case_"):
        return _("The case"), f"incidents/{entry.case_ref}/"
    return entry.case_ref, ""


def _seal(visitor: Visitor) -> Seal:
    practice_id = visitor.practice.id
    kept = cache.get(_report_key(visitor))
    if isinstance(kept, tuple):
        return _verified(visitor, *kept)
    head = ledger_api.latest_checkpoint(practice_id=practice_id)
    if head is None:
        return Seal(True, _("Nothing has been sealed yet."), _("The first seal follows within seconds."), "")
    return Seal(
        True,
        _("%(size)s entries are sealed. Nobody has checked them since this server started.")
        % {"size": f"{head.size:,}"},
        _("Sealed %(when)s. Anyone can check without us.")
        % {"when": visitor.clock.when(head.signed_at, seconds=True)},
        _short(base64.b64encode(head.root).decode()),
    )


def _verified(visitor: Visitor, report: VerifyReport, at: datetime) -> Seal:
    when = visitor.clock.when(at)
    root = _short(base64.b64encode(bytes.fromhex(report.root)).decode()) if report.root else ""
    if report.ok:
        text = _("All %(size)s entries are as they were written. Checked %(when)s.")
        detail = (
            _("%(waiting)s newer facts wait for their seal. Anyone can check without us.")
            if report.waiting
            else _("Nothing waits for its seal. Anyone can check without us.")
        )
        return Seal(
            True,
            text % {"size": f"{report.size:,}", "when": when},
            detail % {"waiting": report.waiting},
            root,
        )
    first = report.first_bad
    text = _("The ledger is not as it was written.")
    if first is not None:
        text = _("Entry %(number)s is not as it was written.") % {"number": f"{first + 1:,}"}
    sentences = " ".join(fault.sentence for fault in report.faults[:3])
    return Seal(
        False,
        text,
        _("Found %(when)s. %(what)s Keep this server as it is and call your IT lead.")
        % {"when": when, "what": sentences},
        "",
    )


def _short(text: str) -> str:
    return f"{text[:4]}…{text[-5:]}" if len(text) > 12 else text


def _report_key(visitor: Visitor) -> str:
    return f"ledger-report:{visitor.practice.id}"


@require_POST
@practice_page(change=READERS)
def verify(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Check the whole ledger now, and show what was found."""
    report = ledger_api.verify(practice_id=visitor.practice.id)
    cache.set(_report_key(visitor), (report, product_clock.now()), timeout=3600)
    return HttpResponseRedirect(f"{visitor.base}proof/ledger/")


@require_GET
@practice_page()
def entry(request: HttpRequest, visitor: Visitor, number: int) -> HttpResponse:
    """One entry by its number (from 1): the bytes as sealed, and the path to the signed root."""
    if not number:
        raise Http404
    try:
        proof = ledger_api.entry(practice_id=visitor.practice.id, index=number - 1)
    except PocketwardError as error:
        raise Http404 from error
    page = _entry_page(proof, visitor)
    return console_page(request, "ledger/entry.html", page, console_shell(visitor, "proof"))


def _entry_page(proof: EntryProof, visitor: Visitor) -> EntryPage:
    names = names_of(visitor.practice.id)
    found = proof.entry
    who = doer(found, names)
    body = (
        json.dumps(dict(found.body), indent=1, ensure_ascii=False) if found.body is not None else "(erased)"
    )
    number, when = f"{found.index + 1:,}", visitor.clock.when(found.occurred_at, seconds=True)
    holds = _("leads to the signed root") if proof.holds else _("does NOT lead to the signed root")
    return EntryPage(
        title=_("Entry %(number)s") % {"number": number},
        crumbs=(
            Crumb(_("Ledger"), f"{visitor.base}proof/ledger/"),
            Crumb(_("Entry %(number)s") % {"number": number}),
        ),
        say=f"{who} {what_happened(found.kind, found.body, names)}.",
        follow=when[:1].upper() + when[1:] + ".",
        body=body,
        lines=(
            PlainLine(_("Kind"), found.kind),
            PlainLine(_("Proof"), holds),
            PlainLine(_("Leaf"), proof.leaf_hash.hex()),
            PlainLine(_("Among"), _("%(size)s entries") % {"size": f"{proof.size:,}"}),
        ),
        proof=tuple(item.hex() for item in proof.proof),
    )


@require_POST
@practice_page()
def export(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A zip of entries with proofs and a script that checks them offline; the export is a sealed fact."""
    try:
        data = ledger_api.export(
            practice_id=visitor.practice.id,
            reason=request.POST.get("reason", "") or _("downloaded from the ledger page"),
            by=visitor.actor,
            by_name=visitor.member.full_name,
        )
    except PocketwardError as error:
        leave_toast(request, error.sentence)
        return HttpResponseRedirect(f"{visitor.base}proof/ledger/")
    answer = HttpResponse(data, content_type="application/zip")
    day = visitor.clock.now.date().isoformat()
    answer["Content-Disposition"] = f'attachment; filename="ledger-{visitor.practice.slug}-{day}.zip"'
    answer["Cache-Control"] = "no-store"
    return answer
