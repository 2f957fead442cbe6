"""Who may open what: the matrix of roles and records, changed here and exported for an auditor."""

import csv
import io
from collections import Counter
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from pocketward.access import api as access_api
from pocketward.access.api import RuleWords
from pocketward.kernel.errors import PocketwardError
from pocketward.practice import api as practice_api
from pocketward.rollout import api as rollout_api
from pocketward.web.components.crumbs import FieldError, PlainLine
from pocketward.web.components.render import console_page
from pocketward.web.components.roles import ROLE_WORDS, role_words
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.guard.waiting import to_guard
from pocketward.web.names import names_of
from pocketward.web.proving import is_proven, not_proven, prove_url
from pocketward.web.setup.access_pages import AccessPage, Cell, MatrixLine, RuleLine
from pocketward.web.setup.tabs import setup_tabs
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

RESOURCE_WORDS: Final = {
    "notes": gettext_lazy("Notes"),
    "calendar": gettext_lazy("Calendar"),
    "billing": gettext_lazy("Billing"),
}


@require_http_methods(["GET", "POST"])
@practice_page()
def access(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The matrix and the rules; sent, exactly the ticked pairs may be opened from then on."""
    if request.method == "GET":
        return _page(request, visitor)
    reason = " ".join(request.POST.get("reason", "").split())[:200]
    if not is_proven(request):
        return _page(request, visitor, not_proven())
    if not reason:
        return _page(request, visitor, FieldError(_("Say why, for the ledger."), "reason"))
    allowed = [tuple(pair.split(":", 1)) for pair in request.POST.getlist("may") if ":" in pair]
    try:
        outcome = rollout_api.change_role_matrix(
            practice_id=visitor.practice.id,
            allowed=[(pair[0], pair[1]) for pair in allowed],
            reason=reason,
            by_member_id=visitor.member.id,
            strength=visitor.signed_in.strength,
        )
    except PocketwardError as error:
        return _page(request, visitor, FieldError(error.sentence))
    if outcome.waiting is not None:
        return to_guard(request, visitor, outcome)
    said = _("Version %(number)s counts from the next request on.") % {"number": outcome.number}
    leave_toast(request, said if outcome.number else _("Nothing was changed."))
    return HttpResponseRedirect(f"{visitor.base}setup/access/")


@require_GET
@practice_page()
def matrix_csv(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Who may open what, as CSV: a line for each role, resource and rule that opens it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("role", "resource", "may_open", "rules", "when"))
    rules = access_api.access_rules_in_words(practice_id=visitor.practice.id)
    for role, resource, can in access_api.role_matrix(practice_id=visitor.practice.id):
        found = [rule for rule in rules if role in rule.roles and resource in rule.resources]
        when = " / ".join("; ".join(rule.conditions) for rule in found)
        writer.writerow((role, resource, "yes" if can else "no", " ".join(rule.id for rule in found), when))
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="roles-and-records.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _page(request: HttpRequest, visitor: Visitor, *errors: FieldError) -> HttpResponse:
    history = access_api.access_rules_history(practice_id=visitor.practice.id)
    names, clock = names_of(visitor.practice.id), visitor.clock
    page = AccessPage(
        title=_("Roles and records"),
        tabs=setup_tabs(visitor, "access/"),
        say=_say(visitor),
        follow=_(
            "A role says what may be opened; the conditions below say when. What no rule opens is refused."
        ),
        columns=tuple(str(word) for word in RESOURCE_WORDS.values()),
        lines=_lines(visitor, request.POST.getlist("may") if errors else None),
        rules=tuple(
            _rule(rule) for rule in access_api.access_rules_in_words(practice_id=visitor.practice.id)
        ),
        versions=tuple(
            PlainLine(
                f"{item.number}: {item.reason}", f"{names.actor(item.author)}, {clock.date(item.made_at)}"
            )
            for item in history
        ),
        csv_url=f"{visitor.base}setup/access/matrix.csv",
        can_change=visitor.may_change,
        reason=request.POST.get("reason", "") if errors else "",
        prove_url=prove_url(request) if visitor.may_change else "",
        errors=errors,
        toast=take_toast(request),
    )
    status = 400 if errors else 200
    return console_page(request, "setup/access.html", page, console_shell(visitor, ""), status=status)


def _say(visitor: Visitor) -> str:
    able = {role for role, _resource, can in access_api.role_matrix(practice_id=visitor.practice.id) if can}
    people = practice_api.members(practice_id=visitor.practice.id)
    count = sum(1 for person in people if person.roles & able)
    text = ngettext(
        "%(count)s of %(of)s person may open records.", "%(count)s of %(of)s people may open records.",
        len(people),
    )  # fmt: skip
    return text % {"count": count, "of": len(people)}


def _lines(visitor: Visitor, ticked: list[str] | None) -> tuple[MatrixLine, ...]:
    holders = Counter(
        role for person in practice_api.members(practice_id=visitor.practice.id) for role in person.roles
    )
    by_role: dict[str, list[Cell]] = {}
    for role, resource, can in access_api.role_matrix(practice_id=visitor.practice.id):
        name = f"{role}:{resource}"
        label = f"{ROLE_WORDS[role]}: {RESOURCE_WORDS[resource]}"
        by_role.setdefault(role, []).append(Cell(name, label, can if ticked is None else name in ticked))
    return tuple(
        MatrixLine(str(ROLE_WORDS[role]), str(holders[role] or "–"), tuple(cells))
        for role, cells in by_role.items()
    )


def _rule(rule: RuleWords) -> RuleLine:
    if rule.forbids:
        return RuleLine(_("Nobody opens anything, when"), rule.conditions)
    what = ", ".join(str(RESOURCE_WORDS[resource]).lower() for resource in rule.resources)
    head = _("%(who)s: opens %(what)s, when") % {"who": role_words(rule.roles), "what": what}
    return RuleLine(head, rule.conditions)
