"""The practice's record systems and the kinds of their doors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from pocketward.access.errors import AccessError, AppRefused, NoSuchApp
from pocketward.access.events import AppChanged, AppModeChanged, AppRegistered, AppRemoved
from pocketward.access.models import App, AppHost, DecisionRow
from pocketward.access.permits import end_permits_of
from pocketward.access.publishing import APP, publish, withdraw
from pocketward.access.sessions import end_gate_sessions
from pocketward.gate.records import RESOURCES, AppFacts, PathFacts
from pocketward.kernel import clock
from pocketward.spine.api import record, unit_of_work

# Kind of door -> the sentence for one that was shut, its time to effect, what stays open (decision D21).
DOORS: dict[str, tuple[str, str, str]] = {
    "proxied": (
        "Records in {app} are closed for this device. Checked {at}.",
        "at the next request",
        "Nothing through this address.",
    ),
    "sign_on_forced": (
        "No new sign-in to {app}. A session opened before {at} can last up to {hours} h.",
        "at the next sign-in",
        "Sessions that began earlier.",
    ),
    "sign_on_optional": (
        "Sign-on through us is closed. {app} also accepts a password: not closed.",
        "at the next sign-in",
        "The password way in.",
    ),
    "suite": (
        "Mail and files in {app}: sign-in closed. Tokens already given may live 1 h.",
        "minutes, up to 1 h",
        "Offline mail; super admins.",
    ),
    "egress": ("{app} answers only to our network; this device is off it.", "seconds", "Exempt accounts."),
    "account": (
        "Somebody must suspend the account in {app}. Not closed yet.",
        "when done",
        "All until done.",
    ),
    "device_only": (
        "{app} was removed from this phone. The account still works elsewhere.",
        "when the device answers",
        "Any other browser.",
    ),
    "watch_only": ("We cannot close {app}. We will show use we see in its log.", "never", "Everything."),
}


PROXIED = "proxied"
WATCHED = "{app} is only watched: a device without our certificate still opens it."
MOST_HOSTS, MOST_PATHS = 8, 50
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})+", re.ASCII)
_PREFIX = re.compile(r"/[A-Za-z0-9._~/@:+-]{0,199}", re.ASCII)
_URL = re.compile(r"https?://[^\s\"'<>]{1,190}", re.ASCII)


@dataclass(frozen=True)
class AppRecord:
    """A record system; `door` is one of the closed set of kinds, `paths` are (prefix, resource) pairs."""

    id: UUID
    practice_id: UUID
    name: str
    door: str
    hosts: tuple[str, ...]
    paths: tuple[tuple[str, str], ...]
    mode: str
    url: str
    session_hours: int
    is_removed: bool
    # Scheme, host and port at which people open it.
    origin: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether the app's door is our gate."""
        return self.door == PROXIED

    @property
    def closes(self) -> bool:
        """Whether shutting the door closes the app's records fully: at our gate, and not only watched."""
        return self.is_ours and self.mode == App.ENFORCE


def _record(row: App) -> AppRecord:
    return AppRecord(
        row.id, row.practice_id, row.name, row.door, tuple(row.hosts),
        tuple((prefix, resource) for prefix, resource in row.paths), row.mode, row.url, row.session_hours,
        row.removed_at is not None, row.origin,
    )  # fmt: skip


def _publish(row: App) -> None:
    """Tell the gates; an app whose door is not ours, or that was taken away, is not there for them."""
    AppHost.objects.filter(app=row).delete()
    if row.door != PROXIED or row.removed_at is not None:
        withdraw(row.practice_id, APP, str(row.id))
        return
    _claim_hosts(row)
    facts = AppFacts(
        app_id=str(row.id),
        practice_id=str(row.practice_id),
        name=row.name,
        hosts=tuple(row.hosts),
        paths=tuple(PathFacts(prefix, resource) for prefix, resource in row.paths),
        mode=row.mode,  # type: ignore[arg-type]
    )
    publish(row.practice_id, APP, str(row.id), facts)


def _claim_hosts(row: App) -> None:
    for host in row.hosts:
        try:
            with transaction.atomic():
                AppHost.objects.create(practice_id=row.practice_id, app=row, host=host)
        except IntegrityError as error:
            raise AppRefused(f"{host} is taken on this server.", field="hosts") from error


def checked_app(
    practice_id: UUID,
    app_id: UUID | None,
    *,
    name: str,
    door: str,
    hosts: tuple[str, ...],
    paths: tuple[tuple[str, str], ...],
    url: str,
    session_hours: int,
) -> dict[str, Any]:
    """The columns of an app; AppRefused says what cannot be."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise AppRefused("Give the record system a name of at most 80 letters.", field="name")
    others = App.objects.filter(practice_id=practice_id, removed_at=None).exclude(pk=app_id)
    if others.filter(name__iexact=name).exists():
        raise AppRefused(f"There is a record system called {name} already.", field="name")
    if door not in DOORS:
        raise AppRefused("Choose how its door can be shut.", field="door")
    if url and not _URL.fullmatch(url):
        raise AppRefused("The start page is an address that begins with https://.", field="url")
    hosts = tuple(_hosts(hosts, door, {host for row in others for host in row.hosts}))
    if url and door == PROXIED and urlsplit(url).hostname not in hosts:
        # A sign-in is handed over to this address.
        raise AppRefused("The start page is on one of the host names above.", field="url")
    if not 1 <= session_hours <= 24:
        raise AppRefused("A session lasts between 1 and 24 hours.", field="session_hours")
    return {
        "name": name,
        "door": door,
        "hosts": list(hosts),
        "paths": _paths(paths),
        "url": url,
        "session_hours": session_hours,
    }


def _hosts(hosts: tuple[str, ...], door: str, taken: set[str]) -> list[str]:
    found = list(dict.fromkeys(host.strip().lower().rstrip(".") for host in hosts))
    if (door == PROXIED and not found) or len(found) > MOST_HOSTS:
        raise AppRefused("A door at our gate needs 1 to 8 host names.", field="hosts")
    ours = {url.partition("://")[2].partition("/")[0].partition(":")[0] for url in _own_addresses()}
    for host in found:
        if not _HOST.fullmatch(host) or len(host) > 253:
            raise AppRefused(f"{host[:60]} is no host name, such as records.example.org.", field="hosts")
        if host in ours:
            raise AppRefused(f"{host} is Pocketward’s own address.", field="hosts")
        if host in taken:
            raise AppRefused(f"{host} belongs to another record system here.", field="hosts")
    return found


def _own_addresses() -> tuple[str, str]:
    return settings.POCKETWARD.people_url, settings.POCKETWARD.device_url


def _paths(paths: tuple[tuple[str, str], ...]) -> list[list[str]]:
    if len(paths) > MOST_PATHS or len({prefix for prefix, _ in paths}) != len(paths):
        raise AppRefused("Name each beginning of an address once, 50 at most.", field="paths")
    for prefix, resource in paths:
        if not _PREFIX.fullmatch(prefix):
            raise AppRefused(f"{prefix[:60]} does not begin like an address: /notes.", field="paths")
        if resource not in RESOURCES:
            raise AppRefused("Each address belongs to notes, calendar or billing.", field="paths")
    return [list(pair) for pair in paths]


@unit_of_work
def register_app(
    *,
    practice_id: UUID,
    name: str,
    door: str,
    hosts: tuple[str, ...] = (),
    paths: tuple[tuple[str, str], ...] = (),
    mode: str = App.ENFORCE,
    url: str = "",
    session_hours: int = 12,
    by: str,
) -> AppRecord:
    """Make a record system known. `paths` maps address prefixes to notes, calendar or billing. AppRefused."""
    if mode not in (App.WATCH, App.ENFORCE):
        raise AppRefused("An app is watched or enforced.", field="mode")
    columns = checked_app(
        practice_id,
        None,
        name=name,
        door=door,
        hosts=hosts,
        paths=paths,
        url=url,
        session_hours=session_hours,
    )
    row = App.objects.create(practice_id=practice_id, mode=mode, **columns)
    if door == PROXIED:
        _publish(row)
    record(
        AppRegistered(
            practice_id=practice_id, actor=by, subject=f"app:{row.id}", app_id=row.id, name=row.name,
            door=door, mode=mode,
        )
    )  # fmt: skip
    return _record(row)


@unit_of_work
def change_app(
    *,
    app_id: UUID,
    name: str,
    door: str,
    hosts: tuple[str, ...],
    paths: tuple[tuple[str, str], ...],
    url: str,
    session_hours: int,
    by: str,
) -> tuple[str, ...]:
    """Write what is known of a record system anew; which parts changed. AppRefused.

    An app whose door is no longer ours, or whose addresses changed, is judged so from the next request on.
    """
    row = standing_app(app_id)
    columns = checked_app(
        row.practice_id, app_id, name=name, door=door, hosts=hosts, paths=paths, url=url,
        session_hours=session_hours,
    )  # fmt: skip
    changed = tuple(part for part, value in columns.items() if _plain(getattr(row, part)) != value)
    if not changed:
        return ()
    for part in changed:
        setattr(row, part, columns[part])
    row.save(update_fields=list(changed))
    _publish(row)
    if "door" in changed and door != PROXIED:
        _shut(row, by)
    record(
        AppChanged(
            practice_id=row.practice_id, actor=by, subject=f"app:{row.id}", app_id=row.id, name=row.name,
            changed=changed,
        )
    )  # fmt: skip
    return changed


def _plain(value: Any) -> Any:
    return (
        [list(item) if isinstance(item, tuple) else item for item in value]
        if isinstance(value, list)
        else value
    )


def standing_app(app_id: UUID) -> App:
    """The row of an app that is on the list; NoSuchApp."""
    row: App | None = App.objects.filter(pk=app_id, removed_at=None).first()
    if row is None:
        raise NoSuchApp()
    return row


def _shut(row: App, by: str) -> None:
    """End what was opened through our gate: its sessions, and permits for unchecked devices."""
    end_permits_of(app_id=row.id, by=by)
    end_gate_sessions(practice_id=row.practice_id, app_id=row.id, by=by, reason="record system changed")


@unit_of_work
def remove_app(*, app_id: UUID, by: str) -> None:
    """Take a record system off the list. At our gate its addresses are refused from then on; NoSuchApp."""
    row = standing_app(app_id)
    row.removed_at = clock.now()
    row.save(update_fields=["removed_at"])
    _publish(row)
    _shut(row, by)
    record(
        AppRemoved(
            practice_id=row.practice_id, actor=by, subject=f"app:{row.id}", app_id=row.id, name=row.name,
            door=row.door,
        )
    )  # fmt: skip


@unit_of_work
def set_app_mode(*, app_id: UUID, mode: str, by: str) -> None:
    """Watch (record what would be refused) or enforce."""
    row = standing_app(app_id)
    if mode not in (App.WATCH, App.ENFORCE):
        raise AccessError("An app is watched or enforced.")
    if row.mode == mode:
        return
    row.mode = mode
    row.save(update_fields=["mode"])
    _publish(row)
    record(
        AppModeChanged(
            practice_id=row.practice_id, actor=by, subject=f"app:{row.id}", app_id=row.id, name=row.name,
            mode=mode,
        )
    )  # fmt: skip


def apps(*, practice_id: UUID, with_removed: bool = False) -> tuple[AppRecord, ...]:
    """The practice's record systems, by name."""
    rows = App.objects.filter(practice_id=practice_id).order_by("name")
    return tuple(_record(row) for row in (rows if with_removed else rows.filter(removed_at=None)))


def get_app(*, app_id: UUID) -> AppRecord:
    """The app, one that was taken away too; NoSuchApp."""
    row = App.objects.filter(pk=app_id).first()
    if row is None:
        raise NoSuchApp()
    return _record(row)


def answers_since(*, practice_id: UUID, days: int) -> Mapping[UUID, Mapping[str, int]]:
    """Per app, how many recorded answers of the last days were `refused`, would have been (`watched`), or
    were given to a device that is `not_checked`. Equal answers of one moment count once.
    """
    rows = DecisionRow.objects.filter(
        practice_id=practice_id, made_at__gt=clock.now() - timedelta(days=days)
    ).exclude(app_id=None)
    found: dict[UUID, dict[str, int]] = {}
    for app_id, outcome, would_have, client in rows.values_list("app_id", "outcome", "would_have", "client"):
        counts = found.setdefault(app_id, {"refused": 0, "watched": 0, "not_checked": 0})
        # Who was only asked to sign in was not refused.
        counts["refused"] += outcome == "refuse"
        counts["watched"] += bool(would_have)
        counts["not_checked"] += outcome == "allow" and client == "unenrolled"
    return found


def door_sentence(app: AppRecord, *, at: str) -> str:
    """What to say of this app's door once we have done what we can."""
    if app.is_ours and not app.closes:
        return WATCHED.format(app=app.name)
    return DOORS[app.door][0].format(app=app.name, at=at, hours=app.session_hours)
