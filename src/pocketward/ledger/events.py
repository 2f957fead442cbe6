"""Facts about the ledger itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pocketward.spine.api import Event


@dataclass(frozen=True, kw_only=True)
class EntryRedacted(Event):
    """The content of an entry was erased; `header` is what stays readable of its event, sealed again here."""

    kind = "ledger.entry_redacted"
    redacted_event: UUID
    index: int
    reason: str
    header: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LedgerExported(Event):
    """Entries `first` to `last` left the server as a file."""

    kind = "ledger.exported"
    first: int
    last: int
    reason: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class LedgerFaultFound(Event):
    """A verification found the ledger changed; `first_bad` is the first bad entry, when one can be named."""

    kind = "ledger.fault_found"
    size: int
    faults: int
    first_bad: int | None
