"""The practice's record systems, the kinds of their doors, and permits for unenrolled clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pocketward.access.errors import AccessError, NoSuchApp
from pocketward.access.events import AppModeChanged, AppRegistered, PermitEnded, PermitGiven
from pocketward.access.models import App, Permit
from pocketward.access.publishing import APP, PERMIT, publish, seconds, withdraw
from pocketward.gate.records import RESOURCES, AppFacts, PathFacts, PermitFacts
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


@dataclass(frozen=True)
class AppRecord:
    """A record system; `door` is one of the closed set of kinds."""

    id: UUID
    practice_id: UUID
    name: str
    door: str
    hosts: tuple[str, ...]
    mode: str
    url: str
    session_hours: int
    permits: tuple[tuple[UUID, str, datetime | None], ...]

    @property
    def is_ours(self) -> bool:
        """Whether shutting the door closes the app's records fully."""
        return self.door == "proxied"


def _record(row: App) -> AppRecord:
    permits = Permit.objects.filter(app=row, ended_at=None).values_list("id", "network", "expires_at")
    return AppRecord(
        row.id, row.practice_id, row.name, row.door, tuple(row.hosts), row.mode, row.url, row.session_hours,
        tuple(permits),
    )  # fmt: skip


def _publish(row: App) -> None:
    facts = AppFacts(
        app_id=str(row.id),
        practice_id=str(row.practice_id),
        name=row.name,
        hosts=tuple(row.hosts),
        paths=tuple(PathFacts(prefix, resource) for prefix, resource in row.paths),
        mode=row.mode,  # type: ignore[arg-type]
    )
    publish(row.practice_id, APP, str(row.id), facts)


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
    by: str,
) -> AppRecord:
    """Make a record system known. `paths` maps address prefixes to notes, calendar or billing."""
    if door not in DOORS or mode not in (App.WATCH, App.ENFORCE):
        raise AccessError("Choose how this app's door can be shut, and whether it is watched or enforced.")
    if any(resource not in RESOURCES for _, resource in paths):
        raise AccessError("Each address belongs to notes, calendar or billing.")
    row = App.objects.create(
        practice_id=practice_id,
        name=name,
        door=door,
        hosts=[host.lower() for host in hosts],
        paths=[list(pair) for pair in paths],
        mode=mode,
        url=url,
    )
    if door == "proxied":
        _publish(row)
    record(
        AppRegistered(
            practice_id=practice_id, actor=by, subject=f"app:{row.id}", app_id=row.id, name=name, door=door,
            mode=mode,
        )
    )  # fmt: skip
    return _record(row)


@unit_of_work
def set_app_mode(*, app_id: UUID, mode: str, by: str) -> None:
    """Watch (record what would be refused) or enforce."""
    row = App.objects.filter(pk=app_id).first()
    if row is None:
        raise NoSuchApp()
    if mode not in (App.WATCH, App.ENFORCE):
        raise AccessError("An app is watched or enforced.")
    row.mode = mode
    row.save(update_fields=["mode"])
    _publish(row)
    record(
        AppModeChanged(
            practice_id=row.practice_id, actor=by, subject=f"app:{row.id}", app_id=row.id, name=row.name,
            mode=mode,
        )
    )  # fmt: skip


def apps(*, practice_id: UUID) -> tuple[AppRecord, ...]:
    """The practice's record systems, by name."""
    return tuple(_record(row) for row in App.objects.filter(practice_id=practice_id).order_by("name"))


def get_app(*, app_id: UUID) -> AppRecord:
    """The app; NoSuchApp."""
    row = App.objects.filter(pk=app_id).first()
    if row is None:
        raise NoSuchApp()
    return _record(row)


@unit_of_work
def give_permit(
    *, app_id: UUID, network: str, reason: str, by: str, expires_at: datetime | None = None
) -> UUID:
    """Let unenrolled clients on this network open this app with a passkey; shown as "not checked"."""
    app = get_app(app_id=app_id)
    row = Permit.objects.create(
        practice_id=app.practice_id, app_id=app_id, network=network, reason=reason, given_by=by,
        expires_at=expires_at,
    )  # fmt: skip
    facts = PermitFacts(str(row.id), str(app.practice_id), str(app_id), network, seconds(expires_at))
    publish(app.practice_id, PERMIT, str(row.id), facts)
    record(
        PermitGiven(
            practice_id=app.practice_id, actor=by, subject=f"app:{app_id}", permit_id=row.id, app_id=app_id,
            network=network, reason=reason, expires_at=expires_at,
        )
    )  # fmt: skip
    permit_id: UUID = row.id
    return permit_id


@unit_of_work
def end_permit(*, permit_id: UUID, by: str) -> None:
    """Take a permit away."""
    row = Permit.objects.filter(pk=permit_id, ended_at=None).first()
    if row is None:
        return
    Permit.objects.filter(pk=permit_id).update(ended_at=clock.now())
    withdraw(row.practice_id, PERMIT, str(permit_id))
    record(
        PermitEnded(
            practice_id=row.practice_id, actor=by, subject=f"app:{row.app_id}", permit_id=permit_id,
            app_id=row.app_id,
        )
    )  # fmt: skip


def door_sentence(app: AppRecord, *, at: str) -> str:
    """What to say of this app's door once we have done what we can."""
    return DOORS[app.door][0].format(app=app.name, at=at, hours=app.session_hours)
