"""The evidence store: bytes by their digest, encrypted; on disk before the row commits."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings

from pocketward.kernel import crypto
from pocketward.kernel.durable import put_file
from pocketward.spine.errors import SpineError
from pocketward.spine.keys import data_key
from pocketward.spine.models import Evidence
from pocketward.spine.unit import after_commit, unit_of_work

IN_ROW = 64 * 1024
LARGEST = 64 * 1024 * 1024


class EvidenceTooLarge(SpineError):
    """More bytes than one piece of evidence may have."""

    code = "spine.evidence_too_large"
    sentence = "This is larger than 64 MB, the most that one piece of evidence may have."


class EvidenceMissing(SpineError):
    """No such evidence, or its file is gone."""

    code = "spine.evidence_missing"
    sentence = "This evidence is not here."
    advice = "Compare the evidence folder with the backup."


def _place(practice_id: UUID, digest: str) -> bytes:
    return b"evidence:" + practice_id.bytes + bytes.fromhex(digest)


def _file(practice_id: UUID, digest: str) -> Path:
    path: Path = settings.POCKETWARD.home / "evidence" / str(practice_id) / digest[:2] / digest
    return path


@unit_of_work
def keep_evidence(*, practice_id: UUID, data: bytes, media_type: str, kind: str, case_ref: str = "") -> str:
    """Keep bytes for a practice; their SHA-256 in hex, by which they are read. Same bytes, same row."""
    if len(data) > LARGEST:
        raise EvidenceTooLarge()
    digest = crypto.sha256_hex(data)
    if Evidence.objects.filter(practice_id=practice_id, digest=digest).exists():
        return digest
    blob = crypto.seal(data_key(practice_id), data, _place(practice_id, digest))
    if len(data) >= IN_ROW:
        put_file(_file(practice_id, digest), blob)
    Evidence.objects.create(
        practice_id=practice_id,
        digest=digest,
        kind=kind,
        media_type=media_type,
        size=len(data),
        case_ref=case_ref,
        sealed=blob if len(data) < IN_ROW else None,
    )
    return digest


def read_evidence(*, practice_id: UUID, digest: str) -> bytes:
    """The kept bytes; EvidenceMissing when there are none."""
    row = Evidence.objects.filter(practice_id=practice_id, digest=digest).first()
    if row is None:
        raise EvidenceMissing()
    try:
        blob = bytes(row.sealed) if row.sealed is not None else _file(practice_id, digest).read_bytes()
    except FileNotFoundError as error:
        raise EvidenceMissing() from error
    return crypto.open_sealed(data_key(practice_id), blob, _place(practice_id, digest))


@unit_of_work
def erase_evidence(*, practice_id: UUID, digest: str) -> bool:
    """Erase kept bytes whose time is over; whether there were any. What was said of them stays sealed."""
    row = Evidence.objects.filter(practice_id=practice_id, digest=digest).first()
    if row is None:
        return False
    Evidence.objects.filter(pk=row.pk).delete()
    path = _file(practice_id, digest)
    after_commit(lambda: path.unlink(missing_ok=True))
    return True
