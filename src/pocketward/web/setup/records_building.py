"""Builds the pages of record systems from what access knows of them."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.access import api as access_api
from pocketward.access.api import AppRecord
from pocketward.kernel.ids import public_id
from pocketward.web.components.crumbs import Choice, FieldError, PlainLine
from pocketward.web.setup.doors import door_kind, door_kinds
from pocketward.web.setup.records_pages import RecordLine, RecordPage, RecordsPage
from pocketward.web.setup.tabs import setup_crumbs, setup_tabs
from pocketward.web.visitor import Visitor

DAYS = 7
# Watching first: nobody is refused before it was seen who would be. Home says so as long as it lasts.
NEW = {"door": "account", "mode": "watch", "session_hours": "12"}
NOBODY: Mapping[str, int] = {"refused": 0, "watched": 0, "not_checked": 0}


def records_page(visitor: Visitor, toast: str) -> RecordsPage:
    """The list, and the proxy's values."""
    found = access_api.apps(practice_id=visitor.practice.id)
    ours = sum(1 for app in found if app.closes)
    say = ngettext(
        "%(ours)s of %(count)s door closes by itself.",
        "%(ours)s of %(count)s doors close by themselves.",
        len(found),
    )
    counts = access_api.answers_since(practice_id=visitor.practice.id, days=DAYS)
    return RecordsPage(
        title=_("Record systems"),
        tabs=setup_tabs(visitor, "records/"),
        say=say % {"ours": ours, "count": len(found)} if found else _("No record system is known yet."),
        follow=_("Every system that holds patients’ records, and how its door can be shut."),
        lines=tuple(_line(app, visitor, counts.get(app.id, NOBODY)) for app in found),
        add_url=f"{visitor.base}setup/records/add/" if visitor.may_change else "",
        proxy=(
            PlainLine(_("Revocation list"), crl_url(visitor)),
            PlainLine(_("Gate"), f"{settings.POCKETWARD.gate_host}:{settings.POCKETWARD.gate_port}"),
        ),
        authority_url=f"{visitor.base}setup/records/access-authority.pem",
        stale=_stale(),
        command="pocketward proxy --out /etc/pocketward",
        toast=toast,
    )


def _stale() -> str:
    """How long a gate of this installation trusts what it knows."""
    text = _(
        "A gate that has heard nothing from this server for %(count)s seconds refuses every request, "
        "until it hears again (setting gate_stale_seconds)."
    )
    return text % {"count": f"{settings.POCKETWARD.gate_stale_seconds:g}"}


def crl_url(visitor: Visitor) -> str:
    """Where a proxy fetches the list of access identities that no longer count."""
    practice = public_id("prac", visitor.practice.id)
    return f"{settings.POCKETWARD.device_url}/device/{practice}/crl.crl"


def _line(app: AppRecord, visitor: Visitor, counts: Mapping[str, int]) -> RecordLine:
    unchecked = ngettext(
        "%(count)s answer went to a device that is not checked.",
        "%(count)s answers went to devices that are not checked.",
        counts["not_checked"],
    )
    return RecordLine(
        url=f"{visitor.base}setup/records/{app.id}/",
        name=app.name,
        door=door_kind(app.door),
        sentence=access_api.door_sentence(app, at=visitor.clock.time(visitor.clock.now)),
        hosts=", ".join(app.hosts),
        mode=mode_words(app),
        lately=lately(app, counts) if app.is_ours else "",
        not_checked=unchecked % {"count": counts["not_checked"]} if counts["not_checked"] else "",
    )


def mode_words(app: AppRecord) -> str:
    """Enforced, only watched, or nothing for a door that is not ours."""
    if not app.is_ours:
        return ""
    return _("Enforced") if app.closes else _("Only watched")


def lately(app: AppRecord, counts: Mapping[str, int]) -> str:
    """What the gate refused, or would have, in the last days."""
    if app.closes:
        text = ngettext(
            "Refused %(count)s time in 7 days.", "Refused %(count)s times in 7 days.", counts["refused"]
        )
        return text % {"count": counts["refused"]}
    text = ngettext(
        "Enforced, it would have refused %(count)s time in 7 days.",
        "Enforced, it would have refused %(count)s times in 7 days.",
        counts["watched"],
    )
    return text % {"count": counts["watched"]}


def values_of(app: AppRecord) -> dict[str, str]:
    """A standing system as its form shows it."""
    values = {
        "name": app.name,
        "door": app.door,
        "hosts": "\n".join(app.hosts),
        "url": app.url,
        "session_hours": str(app.session_hours),
    }
    for resource in RESOURCES:
        values[resource] = "\n".join(prefix for prefix, which in app.paths if which == resource)
    return values


RESOURCES = ("notes", "calendar", "billing")


def add_page(visitor: Visitor, values: Mapping[str, str], errors: tuple[FieldError, ...] = ()) -> RecordPage:
    """The form of a new system."""
    return RecordPage(
        title=_("Add a record system"),
        crumbs=setup_crumbs(visitor, "records/", _("Add a record system")),
        say=_("Add a record system."),
        follow=_(
            "Start with watching if people work in it today: nobody is refused, and you see who would be."
        ),
        action="",
        values=values,
        doors=door_kinds(values.get("door", "")),
        modes=_modes(values.get("mode", "enforce")),
        errors=errors,
    )


def _modes(chosen: str) -> tuple[Choice, ...]:
    return (
        Choice(
            "watch", _("Only watch"), chosen == "watch", _("Everybody gets in; lost and held phones do not.")
        ),
        Choice("enforce", _("Enforce"), chosen != "watch", _("Whoever is not allowed is refused.")),
    )


def record_page(
    visitor: Visitor,
    app: AppRecord,
    values: Mapping[str, str],
    *,
    prove_url: str,
    errors: tuple[FieldError, ...] = (),
    toast: str = "",
) -> RecordPage:
    """The form of a standing system, with its mode and the way to take it away."""
    place = f"{visitor.base}setup/records/{app.id}/"
    counts = access_api.answers_since(practice_id=visitor.practice.id, days=DAYS).get(app.id, NOBODY)
    return RecordPage(
        title=app.name,
        crumbs=setup_crumbs(visitor, "records/", app.name),
        say=f"{app.name}. {door_kind(app.door).label}.",
        follow=_("Once shut, a case says: “%(sentence)s”")
        % {"sentence": access_api.door_sentence(app, at=visitor.clock.time(visitor.clock.now))},
        action="",
        values=values,
        doors=door_kinds(values.get("door", "")),
        modes=(),
        mode=mode_words(app),
        mode_say=lately(app, counts) if app.is_ours else "",
        mode_next=_enforcing() if app.mode == "watch" else _watching(),
        mode_action=_("Enforce from now on") if app.mode == "watch" else _("Only watch from now on"),
        mode_url=f"{place}mode/" if app.is_ours else "",
        remove_url=f"{place}remove/",
        can_change=visitor.may_change,
        prove_url=prove_url,
        errors=errors,
        toast=toast,
    )


def _enforcing() -> str:
    return _("Enforced, the gate refuses from the next request on whoever the rules do not let in.")


def _watching() -> str:
    return _(
        "Only watched, every device and every person gets in, except phones that are lost, held or revoked. "
        "It is for the first days, or while something is being mended."
    )
