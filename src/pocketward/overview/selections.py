"""Lists frozen on the server: what somebody picked is kept here, and the browser holds a token only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from pocketward.kernel import clock
from pocketward.kernel.ids import secret_token
from pocketward.overview.errors import ListGone, ListTooLong
from pocketward.overview.models import DeviceRow, FrozenList
from pocketward.spine.api import unit_of_work

FROZEN_FOR: Final = timedelta(minutes=15)
MOST: Final = 500


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@unit_of_work
def freeze(*, practice_id: UUID, member_id: UUID, device_ids: Sequence[UUID]) -> tuple[str, tuple[UUID, ...]]:
    """Keep those of these phones that are on the list now; the token that spends them once, and which.

    ListTooLong for more than 500. Lists whose time is over are thrown away by the way.
    """
    rows = DeviceRow.objects.filter(practice_id=practice_id, device_id__in=device_ids)
    kept = tuple(sorted(rows.values_list("device_id", flat=True)))
    if len(kept) > MOST:
        raise ListTooLong()
    token = secret_token(16)
    FrozenList.objects.filter(practice_id=practice_id, made_at__lt=clock.now() - FROZEN_FOR).delete()
    FrozenList.objects.create(
        practice_id=practice_id,
        member_id=member_id,
        digest=_digest(token),
        device_ids=[str(device_id) for device_id in kept],
    )
    return token, kept


@unit_of_work
def spend_frozen(*, practice_id: UUID, member_id: UUID, token: str) -> tuple[UUID, ...]:
    """The frozen phones, once, for whoever picked them; ListGone otherwise."""
    rows = FrozenList.objects.filter(
        practice_id=practice_id,
        member_id=member_id,
        digest=_digest(token),
        made_at__gte=clock.now() - FROZEN_FOR,
    )
    row = rows.first()
    if row is None or not rows.filter(pk=row.pk).delete()[0]:
        raise ListGone()
    return tuple(UUID(text) for text in row.device_ids)
