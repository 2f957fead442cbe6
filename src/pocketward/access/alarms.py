"""Security events of the product's own listeners: what only a proxy may say came from somebody else."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from uuid import UUID

from django.conf import settings

from pocketward.access.events import GateAlarmRaised
from pocketward.access.intake import only_practice
from pocketward.access.models import GateAlarm
from pocketward.kernel import clock
from pocketward.kernel.ids import uuid7
from pocketward.practice import api as practice_api
from pocketward.practice.errors import PracticeError
from pocketward.spine.api import practice_scope, record, unit_of_work

# One event a minute for each practice, kind and network: strangers must not fill the ledger.
EVERY_SECONDS = 60.0
MOST_REMEMBERED = 4096
_lock = threading.Lock()
_noted: OrderedDict[tuple[UUID, str, str], float] = OrderedDict()


def note_header_alarm(*, practice_id: UUID | None, code: str, host: str, address: str) -> None:
    """Record that identity headers came without proof; once a minute for the same network.

    `practice_id` None: the only practice's concern, where there is one. `code` is header_repeated,
    header_untrusted or header_public. `address` is the peer's; only a keyed digest of it is kept.
    """
    known = _known(practice_id) if practice_id is not None else only_practice()
    secret = settings.POCKETWARD.secret_key.encode()
    network = hashlib.blake2s(address.encode(), key=secret[:32], digest_size=8).hexdigest()
    if known is not None and _is_due((known, code, network)):
        with practice_scope(known):
            _record(known, code, host[:253], network)


def _known(practice_id: UUID) -> UUID | None:
    try:
        return practice_api.get_practice(practice_id=practice_id).id
    except PracticeError:
        return None


def _is_due(place: tuple[UUID, str, str]) -> bool:
    now = time.monotonic()
    with _lock:
        if now - _noted.get(place, -EVERY_SECONDS) < EVERY_SECONDS:
            return False
        _noted[place] = now
        if len(_noted) > MOST_REMEMBERED:
            _noted.popitem(last=False)
        return True


@unit_of_work
def _record(practice_id: UUID, code: str, host: str, network: str) -> None:
    row = GateAlarm.objects.create(
        id=uuid7(), practice_id=practice_id, code=code, happened_at=clock.now(), host=host,
        network_digest=network,
    )  # fmt: skip
    record(
        GateAlarmRaised(
            practice_id=practice_id, actor=f"anonymous:{network}", subject="listener", event_id=row.pk,
            occurred_at=row.happened_at, code=code, host=host, network_digest=network,
        )
    )  # fmt: skip
