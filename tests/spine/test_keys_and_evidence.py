"""Encryption at rest."""

from __future__ import annotations

import pytest
from django.db import connection

from pocketward.kernel.crypto import SealBroken, open_sealed, random_key, seal
from pocketward.practice.records import PracticeRecord
from pocketward.spine.api import keep_evidence, read_evidence
from pocketward.spine.evidence import EvidenceMissing


def test_a_sealed_blob_opens_only_in_its_place() -> None:
    key = random_key()
    blob = seal(key, b"secret", b"place")
    assert open_sealed(key, blob, b"place") == b"secret"
    with pytest.raises(SealBroken):
        open_sealed(key, blob, b"elsewhere")


@pytest.mark.parametrize("size", [10, 70_000])
def test_evidence_reads_back_and_is_not_stored_in_clear(practice: PracticeRecord, size: int) -> None:
    data = b"the wire as it was " * (size // 19 + 1)
    digest = keep_evidence(practice_id=practice.id, data=data, media_type="text/plain", kind="test")
    assert read_evidence(practice_id=practice.id, digest=digest) == data
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM spine_evidence")
        assert all(b"the wire" not in bytes(row[0]) for row in cursor.fetchall() if row[0])


def test_missing_evidence_says_so(practice: PracticeRecord) -> None:
    with pytest.raises(EvidenceMissing):
        read_evidence(practice_id=practice.id, digest="00" * 32)
