"""Entries as one file that anybody can check offline, with a checker that needs only Python."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from uuid import UUID

from pocketward.kernel.crypto import sha256_hex
from pocketward.ledger import browsing, tree
from pocketward.ledger.errors import ExportTooLarge, LedgerError, NoSuchEntry, refuse_reason
from pocketward.ledger.events import LedgerExported
from pocketward.ledger.models import SealedEntry
from pocketward.ledger.records import SignedHead
from pocketward.protocols import tlog
from pocketward.spine.api import record, stored_events, unit_of_work

MOST_ENTRIES = 20_000
PAGE = 500

README = """\
Pocketward ledger: entries {first} to {last} of {origin}
Signed {signed_at} UTC over {size} entries; root {root}

entries.jsonl  one entry a line: its number, the sealed leaf, its proof, and the event with the key that opens
               the leaf's commitment (both null where the content was erased)
checkpoint     the signed note (c2sp.org/tlog-checkpoint)
log.vkey       the key that checks it; compare it with one you were given on another way
verify.py      checks all of it; needs Python 3.9 or newer and nothing else: python3 verify.py

The content may name people. Whoever holds the record keys can show that these events are the sealed ones.
"""


def export_entries(
    *, practice_id: UUID, first: int, last: int | None, reason: str, by: str, by_name: str
) -> bytes:
    """The zip's bytes; the export is recorded before they are handed out."""
    refuse_reason(reason)
    head = browsing.signed_head(practice_id)
    end = None if head is None else min(head.size, head.size if last is None else last + 1)
    if head is None or end is None or first >= end:
        raise NoSuchEntry()
    if end - first > MOST_ENTRIES:
        raise ExportTooLarge()
    data = _zip(practice_id, head, first, end)
    _record(practice_id, first, end - 1, reason.strip(), by, by_name, data)
    return data


@unit_of_work
def _record(
    practice_id: UUID, first: int, last: int, reason: str, by: str, by_name: str, data: bytes
) -> None:
    record(
        LedgerExported(
            practice_id=practice_id, actor=by, actor_name=by_name, first=first, last=last, reason=reason,
            digest=sha256_hex(data),
        )
    )  # fmt: skip


def _zip(practice_id: UUID, head: SignedHead, first: int, end: int) -> bytes:
    about = README.format(
        first=first, last=end - 1, origin=head.origin, size=head.size, root=head.root.hex(),
        signed_at=head.signed_at.strftime("%Y-%m-%d %H:%M:%S"),
    )  # fmt: skip
    lines = "".join(json.dumps(line) + "\n" for line in _lines(practice_id, head, first, end))
    contents = {
        "README.txt": about.encode(),
        "entries.jsonl": lines.encode(),
        "checkpoint": head.note,
        "log.vkey": head.verifier_key.encode() + b"\n",
        "verify.py": files("pocketward.ledger.offline").joinpath("verify.py").read_bytes(),
    }
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            # A fixed date: the same entries under the same checkpoint give the same bytes.
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return memory.getvalue()


def _lines(practice_id: UUID, head: SignedHead, first: int, end: int) -> Iterator[dict[str, object]]:
    subtree = tree.subtrees(practice_id, head.size)
    for start in range(first, end, PAGE):
        stop = min(start + PAGE, end)
        rows = SealedEntry.objects.filter(practice_id=practice_id, index__gte=start, index__lt=stop)
        page = list(rows.order_by("index").values_list("index", "event_id", "leaf", "key"))
        events = stored_events(practice_id=practice_id, event_ids=[row[1] for row in page])
        for index, event_id, leaf, key in page:
            event = events.get(event_id)
            if event is None:
                raise LedgerError(f"The event of entry {index} is missing; verify the ledger first.")
            path = tlog.inclusion_proof(index, head.size, subtree)
            yield {
                "index": index,
                "leaf": bytes(leaf).decode(),
                "proof": [base64.b64encode(item).decode() for item in path],
                "event": event.body.decode() if event.body else None,
                "key": key.hex() if key is not None and event.body else None,
            }
