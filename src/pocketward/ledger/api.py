"""The ledger's door. All but `seal_pending` are called in the scope of the practice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from pocketward.ledger import beside, browsing, exporting, publishing, redacting, tree
from pocketward.ledger.errors import NoSuchEntry
from pocketward.ledger.events import BackupMade, BackupRestored
from pocketward.ledger.models import SealedEntry
from pocketward.ledger.records import Entry, EntryProof, Fault, SignedHead, VerifyReport
from pocketward.ledger.rounds import seal_pending
from pocketward.ledger.sealing import seals
from pocketward.ledger.verifying import verify_ledger
from pocketward.spine.api import record, unit_of_work, unsealed_state

__all__ = (
    "Entry",
    "EntryProof",
    "Fault",
    "SignedHead",
    "VerifyReport",
    "can_sign",
    "entries",
    "entry",
    "export",
    "index_of",
    "latest_checkpoint",
    "note_backup",
    "note_restore",
    "publish",
    "redact",
    "seal_pending",
    "verify",
    "waiting",
)


def entries(
    *,
    practice_id: UUID,
    kinds: Sequence[str] = (),
    subject: str = "",
    actor: str = "",
    case_ref: str = "",
    text: str = "",
    before_index: int | None = None,
    limit: int = 50,
) -> tuple[Entry, ...]:
    """Sealed facts that fit every filter, newest first, at most 500.

    `kinds` are whole kinds, or prefixes that end in a dot ("fleet."); `text` is searched in the content, any
    case. `before_index` pages: give the smallest index you have.
    """
    return browsing.list_entries(
        practice_id, kinds=kinds, subject=subject, actor=actor, case_ref=case_ref, text=text,
        before_index=before_index, limit=limit,
    )  # fmt: skip


def entry(*, practice_id: UUID, index: int) -> EntryProof:
    """One entry with its inclusion proof under the newest checkpoint, checked; NoSuchEntry."""
    return browsing.prove(practice_id, index)


def index_of(*, practice_id: UUID, event_id: UUID) -> int | None:
    """The number of the entry that seals this event; None while it waits."""
    rows = SealedEntry.objects.filter(practice_id=practice_id, event_id=event_id)
    index: int | None = rows.values_list("index", flat=True).first()
    return index


def latest_checkpoint(*, practice_id: UUID) -> SignedHead | None:
    """The newest signed checkpoint; None before anything was sealed."""
    return browsing.signed_head(practice_id)


def waiting(*, practice_id: UUID) -> int:
    """How many recorded facts wait for their seal."""
    head = tree.head_of(practice_id)
    mark = head.low_water if head is not None else 0
    return unsealed_state(practice_id=practice_id, sealed=seals(), low_water=mark)[0]


def verify(*, practice_id: UUID, home: Path | None = None, against: bytes | None = None) -> VerifyReport:
    """Check the whole ledger: events, leaves, tree, checkpoints, kept and published files.

    `home` is where files are looked for, by default the server's own; `against` is a checkpoint kept
    elsewhere (printed, mailed, on another server), which must belong to this history.
    """
    return verify_ledger(practice_id, home, against)


def publish(*, practice_id: UUID, rebuild: bool = False) -> int:
    """Write the newest checkpoint and its tiles to the home folder; how many entries it covers.

    The sealer does this by itself; with `rebuild` every missing or damaged file is written again.
    """
    return publishing.publish(practice_id=practice_id, rebuild=rebuild)


def can_sign(*, practice_id: UUID) -> bool | None:
    """Whether the stored signing key opens under the master key at hand; None before the first entry."""
    head = tree.head_of(practice_id)
    return None if head is None else beside.signs_as_itself(head)


def redact(*, practice_id: UUID, event_id: UUID, reason: str, by: str, by_name: str = "") -> int:
    """Erase for ever what a sealed fact said; its index. The erasure, with its reason, is a fact itself.

    Every proof stays valid, and `verify` counts the entry as redacted. Raises NoSuchEntry, NotSealedYet,
    AlreadyRedacted, CannotRedact, ReasonMissing. Copies that other domains made are theirs to erase.
    """
    return redacting.erase_entry(
        practice_id=practice_id, event_id=event_id, reason=reason, by=by, by_name=by_name
    )


def export(
    *,
    practice_id: UUID,
    first: int = 0,
    last: int | None = None,
    reason: str,
    by: str,
    by_name: str = "",
) -> bytes:
    """A zip of entries `first` to `last` (by default all) with proofs and a script that checks them offline.

    The export is a sealed fact. Raises NoSuchEntry, ExportTooLarge (over 20,000), ReasonMissing.
    """
    if first < 0 or (last is not None and last < first):
        raise NoSuchEntry()
    return exporting.export_entries(
        practice_id=practice_id, first=first, last=last, reason=reason, by=by, by_name=by_name
    )


@unit_of_work
def note_backup(*, practice_id: UUID, digest: str, size: int, recipients: tuple[str, ...], by: str) -> UUID:
    """Record that a backup was written: SHA-256 of its file in hex, bytes, public keys of its readers."""
    return record(
        BackupMade(practice_id=practice_id, actor=by, digest=digest, size=size, recipients=recipients)
    )


@unit_of_work
def note_restore(*, practice_id: UUID, made_at: str, by: str) -> UUID:
    """Record that this installation goes on from a backup, made at the ISO 8601 time `made_at`."""
    return record(BackupRestored(practice_id=practice_id, actor=by, made_at=made_at))
