"""Facts about the health of devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pocketward.spine.api import Event


@dataclass(frozen=True, kw_only=True)
class PostureChanged(Event):
    """A device's posture, or what it rests on, is another one.

    `posture` is compliant, not-compliant or unknown (as CAEP). Each check is a mapping: id, result (pass,
    fail, unknown, not_applicable), code, fact, value, source, observed_at and limit (whole seconds; None when
    not known), integrity (a fail closes even emergency access). `fresh_until` is when it turns unknown by
    itself.
    """

    kind = "posture.posture_changed"
    device_id: UUID
    device_kind: str
    ownership: str
    shared: bool
    posture: str
    checks: tuple[dict[str, Any], ...]
    fresh_until: datetime
    last_heard: datetime | None


@dataclass(frozen=True, kw_only=True)
class IntegrityCheckFailed(Event):
    """A check found a sign that the device's system is not the maker's own (a security event).

    Recorded once each time a check starts to say so. `fact` is the fact it rests on, `value` what the device
    told, both as in `PostureChanged`.
    """

    kind = "posture.integrity_check_failed"
    device_id: UUID
    check: str
    code: str
    fact: str
    value: str
