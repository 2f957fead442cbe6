"""Facts about cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pocketward.spine.api import Event


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A case was opened for a report."""

    kind = "incidents.case_opened"
    number: str
    discovered_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseIdentified(Event):
    """The case of a report that fit nobody bears the phones now that an officer named."""

    kind = "incidents.case_identified"
    labels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CaseLed(Event):
    """An officer answered the call and leads the case from now on."""

    kind = "incidents.case_led"
    member_id: UUID


@dataclass(frozen=True, kw_only=True)
class DiscoveryChanged(Event):
    """Another moment of discovery counts; the earlier ones are kept.

    `source` says where it comes from. An officer's written reason is not here but committed to, as in
    `BreachDecided`; `reason_commitment` is empty when no person chose it.
    """

    kind = "incidents.discovery_changed"
    before: datetime
    after: datetime
    source: str
    reason_commitment: str = ""


@dataclass(frozen=True, kw_only=True)
class ExposureAnswered(Event):
    """A line of the exposure worksheet has an answer."""

    kind = "incidents.exposure_answered"
    question: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class BreachDecided(Event):
    """A named person decided whether it is a breach, and wrote why; an earlier decision stays a fact.

    The written reason may name patients, so it is not here: `reason_commitment` (64 hex digits) is
    HMAC-SHA256 of its UTF-8 bytes under a random key that is kept with it, encrypted.
    """

    kind = "incidents.breach_decided"
    verdict: str
    reason_commitment: str


@dataclass(frozen=True, kw_only=True)
class CaseClosed(Event):
    """A case is over."""

    kind = "incidents.case_closed"
    state: str


@dataclass(frozen=True, kw_only=True)
class CaseExported(Event):
    """Somebody took the incident's document."""

    kind = "incidents.case_exported"
    form: str
    digest: str
