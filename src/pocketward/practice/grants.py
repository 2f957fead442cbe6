"""Technicians of the IT provider: who may enter a practice, given by its owner, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from pocketward.kernel import clock
from pocketward.practice.errors import GrantRefused
from pocketward.practice.events import ServiceGrantEnded, ServiceGrantGiven
from pocketward.practice.models import Practice, ServiceGrant, ServiceProvider, WorkforceMember
from pocketward.practice.people import get_member, is_email, unfit_text
from pocketward.practice.records import ServiceGrantRecord
from pocketward.practice.roles import OWNER
from pocketward.spine.api import record, unit_of_work

LONGEST_GRANT = timedelta(days=90)


@unit_of_work
def give_service_grant(
    *, practice_id: UUID, provider: str, full_name: str, email: str, until: datetime, by_member_id: UUID
) -> UUID:
    """Let a technician in until a moment at most 90 days away; the technician's member id. GrantRefused.

    Only an owner gives it. The technician looks, and approves what an officer ordered, after 24 hours.
    """
    if OWNER not in get_member(member_id=by_member_id).roles:
        raise GrantRefused("Only an owner lets the IT provider in.")
    provider, full_name, email = (" ".join(text.split()) for text in (provider, full_name, email.lower()))
    _refuse_texts(provider, full_name, email)
    if not clock.now() < until <= clock.now() + LONGEST_GRANT:
        raise GrantRefused("Choose a last day within 90 days.", field="until")
    row = _technician(practice_id, provider, full_name, email)
    ServiceGrant.objects.create(
        practice_id=practice_id, member=row, given_by=f"member:{by_member_id}", until=until
    )
    record(
        ServiceGrantGiven(
            practice_id=practice_id, actor=f"member:{by_member_id}", subject=f"member:{row.id}",
            member_id=row.id, full_name=row.full_name, provider=provider, until=until,
        )
    )  # fmt: skip
    member_id: UUID = row.id
    return member_id


def _refuse_texts(provider: str, full_name: str, email: str) -> None:
    if not provider or unfit_text("full_name", provider):
        raise GrantRefused("Write the IT provider’s name, at most 120 letters.", field="provider")
    if not full_name or unfit_text("full_name", full_name):
        raise GrantRefused("Write the technician’s name, at most 120 letters.", field="full_name")
    if not is_email(email) or unfit_text("email", email):
        raise GrantRefused("Write the technician’s own work e-mail.", field="email")


def _technician(practice_id: UUID, provider: str, full_name: str, email: str) -> WorkforceMember:
    """The row of this technician, made anew or of an earlier grant that is over."""
    firm = ServiceProvider.objects.filter(name=provider).first() or ServiceProvider.objects.create(
        name=provider
    )
    Practice.objects.filter(pk=practice_id).update(service_provider=firm)
    row: WorkforceMember | None = WorkforceMember.objects.filter(
        practice_id=practice_id, email__iexact=email
    ).first()
    if row is None:
        row = WorkforceMember(
            practice_id=practice_id, full_name=full_name, email=email, service_provider=firm
        )
        row.save(force_insert=True)
        return row
    if row.service_provider_id is None:
        raise GrantRefused("This person works here: a technician is from outside.", field="email")
    if ServiceGrant.live().filter(member=row).exists():
        raise GrantRefused("This technician is let in already. End that first.", field="email")
    standing = ServiceGrant.objects.filter(member=row, ended_at=None)
    for grant in standing:
        standing.filter(pk=grant.pk).update(ended_at=grant.until, ended_by="system:practice")
    WorkforceMember.objects.filter(pk=row.pk).update(full_name=full_name, service_provider=firm)
    row.refresh_from_db()
    return row


@unit_of_work
def end_service_grant(*, grant_id: UUID, by: str) -> bool:
    """Take a technician's access away now; whether there was any left to take."""
    row = ServiceGrant.objects.select_related("member__service_provider").filter(pk=grant_id).first()
    now = clock.now()
    if row is None or row.ended_at is not None or row.until <= now:
        return False
    ServiceGrant.objects.filter(pk=grant_id).update(ended_at=now, ended_by=by)
    record(
        ServiceGrantEnded(
            practice_id=row.practice_id, actor=by, subject=f"member:{row.member_id}",
            member_id=row.member_id, full_name=row.member.full_name, provider=_firm(row.member),
        )
    )  # fmt: skip
    return True


def _firm(member: WorkforceMember) -> str:
    return member.service_provider.name if member.service_provider is not None else ""


def service_grants(*, practice_id: UUID) -> tuple[ServiceGrantRecord, ...]:
    """Every grant of the practice, those that are over too, newest first."""
    rows = ServiceGrant.objects.filter(practice_id=practice_id).select_related("member__service_provider")
    return tuple(
        ServiceGrantRecord(
            row.id, row.member_id, row.member.full_name, row.member.email, _firm(row.member),
            row.member.account_id is not None, row.given_by, row.given_at, row.until, row.ended_at,
        )
        for row in rows.order_by("-given_at")
    )  # fmt: skip
