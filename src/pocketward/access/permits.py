"""Permits: unenrolled clients may open one app from one named network; everywhere "not checked"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pocketward.access.errors import NoSuchApp, PermitRefused
from pocketward.access.events import PermitEnded, PermitGiven
from pocketward.access.models import App, Network, Permit
from pocketward.access.publishing import PERMIT, publish, seconds, withdraw
from pocketward.gate.records import PermitFacts
from pocketward.kernel import clock
from pocketward.spine.api import record, unit_of_work


@dataclass(frozen=True)
class PermitRecord:
    """One permit; `ended_at` is set when it was taken away, `expires_at` None means no end date."""

    id: UUID
    app_id: UUID
    app_name: str
    network: str
    reason: str
    given_by: str
    given_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None

    def is_open(self, at: datetime) -> bool:
        """Whether it lets anybody in at this moment."""
        return self.ended_at is None and (self.expires_at is None or at < self.expires_at)


@unit_of_work
def give_permit(*, app_id: UUID, network: str, reason: str, by: str, expires_at: datetime) -> UUID:
    """Let unenrolled clients on this network open this app with a passkey until `expires_at`.

    PermitRefused: no reason, no named network, an end that is past, or one that stands already.
    """
    app = App.objects.filter(pk=app_id, removed_at=None).first()
    if app is None:
        raise NoSuchApp()
    reason = " ".join(reason.split())
    if not 1 <= len(reason) <= 200:
        raise PermitRefused("Say why, in at most 200 letters.", field="reason")
    if not Network.objects.filter(practice_id=app.practice_id, zone=network).exists():
        raise PermitRefused("Name the network first, and where it is seen from.", field="network")
    if expires_at <= clock.now():
        raise PermitRefused("Choose a last day that is still to come.", field="until")
    standing = Permit.objects.filter(app_id=app_id, network=network, ended_at=None)
    if standing.filter(expires_at=None).exists() or standing.filter(expires_at__gt=clock.now()).exists():
        raise PermitRefused("There is a permit for this network already. End it first.", field="network")
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


@unit_of_work
def end_permits_of(*, by: str, app_id: UUID | None = None, network: str = "") -> None:
    """Take away every permit of an app, or of a network of the practice in scope."""
    rows = Permit.objects.filter(ended_at=None)
    rows = rows.filter(app_id=app_id) if app_id is not None else rows.filter(network=network)
    for permit_id in list(rows.values_list("id", flat=True)):
        end_permit(permit_id=permit_id, by=by)


def permits(*, practice_id: UUID, with_ended: bool = False) -> tuple[PermitRecord, ...]:
    """The permits that were not taken away, newest first; `with_ended` those too."""
    rows = Permit.objects.filter(practice_id=practice_id).select_related("app").order_by("-given_at")
    return tuple(
        PermitRecord(
            row.id, row.app_id, row.app.name, row.network, row.reason, row.given_by, row.given_at,
            row.expires_at, row.ended_at,
        )
        for row in (rows if with_ended else rows.filter(ended_at=None))
    )  # fmt: skip
