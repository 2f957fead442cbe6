"""The fork guard: the newest checkpoint is kept a second time, outside the database.

A database restored from an older backup would otherwise sign a second, different history under the same
name. Whatever the file says that the rows do not, nothing more is sealed until somebody has looked.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings

from pocketward.kernel.durable import put_file
from pocketward.ledger import tree
from pocketward.ledger.errors import ForkRefused
from pocketward.ledger.models import LedgerHead
from pocketward.protocols.tlog import Frontier, TlogError, VerifierKey, open_checkpoint, range_root

LAST = "last-checkpoint"

# What this process has found to fit, by practice, so that a quiet pass costs one small read.
_fitting: dict[UUID, bytes] = {}


def folder(practice_id: UUID, home: Path | None = None) -> Path:
    """Where a practice's published log lies."""
    base: Path = home or settings.POCKETWARD.home
    return base / "ledger" / str(practice_id)


def read_last(practice_id: UUID, home: Path | None = None) -> bytes | None:
    """The kept note, or None when there is none."""
    try:
        return (folder(practice_id, home) / LAST).read_bytes()
    except FileNotFoundError:
        return None


def remember(practice_id: UUID, note: bytes, size: int, key: VerifierKey) -> None:
    """Keep this checkpoint, unless a newer one is kept already."""
    kept = read_last(practice_id)
    if kept is not None and kept != note:
        try:
            if open_checkpoint(kept, key).checkpoint.size >= size:
                return
        except TlogError as error:
            raise ForkRefused() from error
    put_file(folder(practice_id) / LAST, note)
    _fitting[practice_id] = note


def check(head: LedgerHead) -> None:
    """ForkRefused unless the kept checkpoint belongs to the history in the database."""
    note = read_last(head.practice_id)
    if note is None or _fitting.get(head.practice_id) == note:
        return
    if fault := misfit(note, head):
        raise ForkRefused(fault)
    _fitting[head.practice_id] = note


def misfit(note: bytes, head: LedgerHead) -> str:
    """Why a checkpoint from elsewhere does not belong to this head's history; empty when it does."""
    try:
        found = open_checkpoint(note, tree.verifier_key(head)).checkpoint
        if found.size > head.size:
            return f"A checkpoint of {found.size} entries exists, and the database has only {head.size}."
        if root_at(head, found.size) == found.root:
            return ""
    except TlogError as error:
        return f"A kept checkpoint cannot be used: {error.sentence}"
    return f"A checkpoint of {found.size} entries exists whose history differs from this database."


def root_at(head: LedgerHead, size: int) -> bytes:
    """The root over the first `size` entries; TlogError when rows miss."""
    if size == head.size:
        return Frontier.decode(head.size, bytes(head.frontier)).root()
    return range_root(0, size, tree.subtrees(head.practice_id, head.size))


def forget() -> None:
    """Drop what this process found to fit (tests, restore)."""
    _fitting.clear()
