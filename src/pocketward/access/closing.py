"""Which devices a change of ours would close, asked before it is made."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from pocketward.access.models import DecisionRow, DeviceAccess, Hold
from pocketward.access.rules import role_matrix
from pocketward.kernel import clock
from pocketward.practice import api as practice_api

WATCHED_DAYS = 7


def closed_by_matrix(*, practice_id: UUID, allowed: Iterable[tuple[str, str]]) -> frozenset[UUID]:
    """The open devices whose holder could no longer open something that one of their roles opens now.

    A device that everybody uses counts as soon as anybody loses something.
    """
    standing = {(role, resource) for role, resource, can in role_matrix(practice_id=practice_id) if can}
    left = standing & set(allowed)
    if left == standing:
        return frozenset()
    losing = {
        str(person.id)
        for person in practice_api.members(practice_id=practice_id)
        if _opened(standing, person.roles) > _opened(left, person.roles)
    }
    rows = DeviceAccess.objects.filter(practice_id=practice_id, open=True)
    return frozenset(
        row.device_id for row in rows if row.holder in losing or (losing and (row.shared or not row.holder))
    )


def _opened(pairs: Iterable[tuple[str, str]], roles: frozenset[str]) -> frozenset[str]:
    return frozenset(resource for role, resource in pairs if role in roles)


def closed_by_enforcing(*, app_id: UUID) -> frozenset[UUID]:
    """The devices that opened a watched app in the last days and would have been refused.

    Those that a report or an officer holds are closed already.
    """
    held = Hold.objects.filter(lifted_at=None).values_list("device_id", flat=True)
    rows = DecisionRow.objects.filter(app_id=app_id, made_at__gt=clock.now() - timedelta(days=WATCHED_DAYS))
    rows = rows.exclude(would_have="").exclude(device_id=None)
    return frozenset(rows.values_list("device_id", flat=True)) - frozenset(held)
