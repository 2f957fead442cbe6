"""The rules for phones: read, changed as a file, looked at before they are put in force."""

import re

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from pocketward.fleet.errors import CommandRefused
from pocketward.policy import api as policy_api
from pocketward.policy.api import PolicyRecord
from pocketward.policy.errors import PolicyRefused
from pocketward.rollout import api as rollout_api
from pocketward.web.components.crumbs import Choice, FieldError
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.guard.waiting import to_guard
from pocketward.web.names import Names, names_of
from pocketward.web.proving import is_proven, not_proven, prove_url
from pocketward.web.setup.previewing import preview_of
from pocketward.web.setup.rules_pages import EditRulesPage, Preview, RulesPage, VersionLine
from pocketward.web.setup.tabs import setup_crumbs, setup_tabs
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

LARGEST = 100_000
_LINE = re.compile(r"Line (\d+): ")


@require_GET
@practice_page()
def rules(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The rules in force, in sentences, with every version before them."""
    practice_id = visitor.practice.id
    standing, names = policy_api.policy(practice_id=practice_id), names_of(practice_id)
    shown = _asked_version(request, standing, policy_api.policy_history(practice_id=practice_id))
    say = _("Version %(number)s of the rules is in force.") % {"number": standing.number}
    page = RulesPage(
        title=_("Rules"),
        tabs=setup_tabs(visitor, "rules/"),
        say=say if standing.number else _("The rules that every practice starts with are in force."),
        follow=_("What is asked of every phone and tablet before it may open records."),
        sentences=policy_api.policy_sentences(practice_id=practice_id),
        text=shown.text,
        versions=tuple(
            _version(item, visitor, names) for item in policy_api.policy_history(practice_id=practice_id)
        ),
        edit_url=f"{visitor.base}setup/rules/edit/" if visitor.may_change else "",
        templates=_templates(visitor),
        toast=take_toast(request),
    )
    return console_page(request, "setup/rules.html", page, console_shell(visitor, ""))


def _asked_version(
    request: HttpRequest, standing: PolicyRecord, history: tuple[PolicyRecord, ...]
) -> PolicyRecord:
    wanted = request.GET.get("version", "")
    return next((item for item in history if str(item.number) == wanted), standing)


def _version(item: PolicyRecord, visitor: Visitor, names: Names) -> VersionLine:
    return VersionLine(
        number=str(item.number),
        who=names.actor(item.author),
        when=visitor.clock.when(item.made_at) if item.made_at else "",
        why=item.reason,
        url=f"?version={item.number}",
    )


def _templates(visitor: Visitor) -> tuple[Choice, ...]:
    words = {
        "clinic": _("Start from the clinic’s rules"),
        "solo": _("Start from the rules of a practice of one"),
    }
    return tuple(
        Choice(f"{visitor.base}setup/rules/edit/?from={name}", words[name]) for name in policy_api.TEMPLATES
    )


@require_http_methods(["GET", "POST"])
@practice_page()
def edit_rules(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The file; `look` shows what it would do, `keep` puts it in force with a reason."""
    standing = policy_api.policy(practice_id=visitor.practice.id)
    if request.method == "GET":
        name = request.GET.get("from", "")
        text = policy_api.template(name) if name in policy_api.TEMPLATES else standing.text
        return _edit_page(request, visitor, text, standing.number)
    text = request.POST.get("text", "").replace("\r\n", "\n")[: LARGEST + 1]
    reason = " ".join(request.POST.get("reason", "").split())
    try:
        preview = preview_of(visitor, text)
    except PolicyRefused as error:
        fault = FieldError(error.sentence, "text")
        return _edit_page(request, visitor, text, standing.number, reason, errors=(fault,))
    faults = _faults(request, standing.number, reason, preview) if request.POST.get("do") == "keep" else ()
    if faults or request.POST.get("do") != "keep":
        return _edit_page(request, visitor, text, standing.number, reason, preview, faults)
    try:
        outcome = rollout_api.change_policy(
            practice_id=visitor.practice.id, text=text, reason=reason, by_member_id=visitor.member.id,
            strength=visitor.signed_in.strength,
        )  # fmt: skip
    except CommandRefused as error:
        fault = FieldError(error.sentence)
        return _edit_page(request, visitor, text, standing.number, reason, preview, (fault,))
    if outcome.waiting is not None:
        return to_guard(request, visitor, outcome)
    said = _("Version %(number)s is in force. Phones get it as they answer.")
    leave_toast(request, said % {"number": outcome.number})
    return HttpResponseRedirect(f"{visitor.base}setup/rules/")


def _faults(request: HttpRequest, standing: int, reason: str, preview: Preview) -> tuple[FieldError, ...]:
    found = []
    if not preview.changes:
        found.append(FieldError(_("This changes nothing."), "text"))
    if request.POST.get("based_on") != str(standing):
        text = _("Somebody else changed the rules meanwhile. Look at what would change, then keep it again.")
        found.append(FieldError(text, "text"))
    if not reason:
        found.append(FieldError(_("Say why, for the ledger."), "reason"))
    if not is_proven(request):
        found.append(not_proven())
    return tuple(found)


def _edit_page(
    request: HttpRequest,
    visitor: Visitor,
    text: str,
    standing: int,
    reason: str = "",
    preview: Preview | None = None,
    errors: tuple[FieldError, ...] = (),
) -> HttpResponse:
    lines = [_LINE.match(error.text) for error in errors]
    page = EditRulesPage(
        title=_("Change the rules"),
        crumbs=setup_crumbs(visitor, "rules/", _("Change")),
        say=preview.say if preview else _("Change the rules."),
        follow=_("Lines with # are notes for people; they are kept. Nothing happens before you keep it."),
        text=text,
        based_on=str(standing),
        reason=reason,
        line=next((int(found[1]) for found in lines if found), 0),
        preview=preview,
        prove_url=prove_url(request),
        errors=errors,
        toast=take_toast(request),
    )
    status = 400 if errors else 200
    return console_page(request, "setup/edit_rules.html", page, console_shell(visitor, ""), status=status)
