"""What the ledger's door hands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One sealed fact. `body` is the event as a mapping, None once redacted or when its row is gone."""

    index: int
    event_id: UUID
    kind: str
    occurred_at: datetime
    actor: str
    actor_name: str
    subject: str
    case_ref: str
    body: Mapping[str, Any] | None
    redacted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryProof:
    """An entry with all that is needed to check it: the leaf, the path to the root, the signed checkpoint.

    `event` and `record_key` open the leaf's commitment; both are None once redacted. Hashes are 32 bytes.
    """

    entry: Entry
    leaf: bytes
    leaf_hash: bytes
    size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    verifier_key: str
    proof_file: bytes
    event: bytes | None
    record_key: bytes | None
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """The newest signed checkpoint: how many entries, their root, when signed, and the note's bytes."""

    origin: str
    number: int
    size: int
    root: bytes
    signed_at: datetime
    note: bytes
    verifier_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is not as it was sealed.

    `index` is the entry, or the first entry that can no longer be trusted; None when no entry is touched.
    `place` is event, entry, tree, checkpoint, head, tile or file.
    """

    index: int | None
    place: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """The outcome of checking a whole ledger.

    `waiting` counts events recorded and not sealed yet; `redacted` lists entries whose content was erased
    with a sealed reason; `root` is in lower-case hex.
    """

    practice_id: UUID
    origin: str
    size: int
    root: str
    checkpoints: int
    signed_at: datetime | None
    waiting: int
    redacted: tuple[int, ...]
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was changed."""
        return not self.faults

    @property
    def first_bad(self) -> int | None:
        """The first bad entry; None when all is well, or when no entry is touched."""
        return min((fault.index for fault in self.faults if fault.index is not None), default=None)

    @property
    def sentence(self) -> str:
        """The outcome in one line, for the command line."""
        if not self.ok:
            where = "" if self.first_bad is None else f" First bad entry: {self.first_bad}."
            return f"CHANGED.{where} " + " ".join(fault.sentence for fault in self.faults[:5])
        erased = f", {len(self.redacted)} with their content erased" if self.redacted else ""
        return (
            f"{self.size} entries under {self.checkpoints} checkpoints are as sealed{erased}; "
            f"{self.waiting} wait; root {self.root}."
        )
