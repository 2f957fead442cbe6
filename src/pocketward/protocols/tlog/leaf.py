"""The leaf of our ledger: a small record with a commitment to the event, never the event itself.

`commitment` is HMAC-SHA256 under a random key of this record alone, over the canonical bytes of the event.
Destroying that key and the event leaves a leaf that nobody can link to what it said, and every proof valid;
a plain hash would let short personal facts be guessed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pocketward.kernel.canonical import canonical_json, read_moment
from pocketward.kernel.crypto import hmac_sha256, same
from pocketward.protocols.tlog.errors import LeafError

VERSION = 1
_FIELDS = {"v", "log", "index", "event", "seq", "kind", "time", "commitment"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """Entry `index` of the log of practice `log`: event `event`, row number `seq`, of `kind` at `time`."""

    log: UUID
    index: int
    event: UUID
    seq: int
    kind: str
    time: datetime
    commitment: bytes

    def encode(self) -> bytes:
        """The canonical JSON that is hashed into the tree."""
        return canonical_json({
            "v": VERSION, "log": self.log, "index": self.index, "event": self.event, "seq": self.seq,
            "kind": self.kind, "time": self.time, "commitment": self.commitment,
        })  # fmt: skip


def commit(key: bytes, event: bytes) -> bytes:
    """The commitment to an event's canonical bytes under its record key of 32 bytes."""
    if len(key) != 32:
        raise LeafError("A record key has 32 bytes.")
    return hmac_sha256(key, event)


def matches(commitment: bytes, key: bytes, event: bytes) -> bool:
    """Whether the commitment was made from this key and these bytes."""
    return len(key) == 32 and same(commitment, hmac_sha256(key, event))


def parse_leaf(data: bytes) -> Leaf:
    """The leaf behind its bytes; LeafError unless they are exactly what `encode` writes."""
    try:
        raw = json.loads(data)
        if not isinstance(raw, dict) or set(raw) != _FIELDS or raw["v"] != VERSION:
            raise LeafError()
        leaf = Leaf(
            log=UUID(raw["log"]), index=raw["index"], event=UUID(raw["event"]), seq=raw["seq"],
            kind=raw["kind"], time=read_moment(raw["time"]), commitment=bytes.fromhex(raw["commitment"]),
        )  # fmt: skip
        if leaf.encode() != data or type(leaf.index) is not int or type(leaf.seq) is not int:
            raise LeafError()
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise LeafError() from error
    return leaf
