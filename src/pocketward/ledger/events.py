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
class BackupMade(Event):
    """An encrypted backup was written; `digest` is the SHA-256 of its file, `recipients` are public keys."""

    kind = "ledger.backup_made"
    digest: str
    size: int
    recipients: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BackupRestored(Event):
    """This installation goes on from the backup that was made at `made_at`."""

    kind = "ledger.backup_restored"
    made_at: str
