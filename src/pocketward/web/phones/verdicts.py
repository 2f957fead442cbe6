"""What posture and access say of phones, read through their doors into this page family's own records."""

from uuid import UUID

from pocketward.access import api as access_api
from pocketward.web.components.clock import Clock
from pocketward.web.phones.standing import Verdict


def verdicts(practice_id: UUID, clock: Clock) -> dict[UUID, Verdict]:
    """The verdict on each phone of the practice in scope."""
    return {}


def verdict_of(device_id: UUID, clock: Clock) -> Verdict | None:
    """The verdict on one phone; None before the first."""
    return None


def holds(practice_id: UUID) -> dict[UUID, str]:
    """What holds each held phone."""
    return access_api.held_devices(practice_id=practice_id)
