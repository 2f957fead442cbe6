"""An export is checked by its own script, in a Python that has nothing of ours."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.ledger import api as ledger
from pocketward.ledger.errors import ExportTooLarge, NoSuchEntry, ReasonMissing, ReasonTooLong
from pocketward.ledger.offline import verify as offline
from pocketward.practice.records import PracticeRecord

Ring = Callable[..., UUID]
Files = dict[str, bytes]


@pytest.fixture
def sealed(practice: PracticeRecord, ring: Ring) -> PracticeRecord:
    bells = [ring(f"Glocke {number} für José", name="Dana Example") for number in range(6)]
    ledger.seal_pending()
    ledger.redact(practice_id=practice.id, event_id=bells[2], reason="asked for", by="system:test")
    ledger.seal_pending()
    return practice


def export(practice: PracticeRecord, first: int = 0, last: int | None = None) -> bytes:
    return ledger.export(
        practice_id=practice.id, first=first, last=last, reason="for the lawyer", by="member:1"
    )


def unpack(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_zip_is_checked_by_a_bare_python(sealed: PracticeRecord, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(export(sealed))
    files = unpack(path.read_bytes())
    assert set(files) == {"README.txt", "entries.jsonl", "checkpoint", "log.vkey", "verify.py"}
    script = tmp_path / "verify.py"
    script.write_bytes(files["verify.py"])
    key = files["log.vkey"].decode().strip()
    # -I and -S: no environment, no site-packages, so nothing but the standard library.
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(script), str(path), "--key", key], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 fit, 1 fit with their content erased, 0 bad" in done.stdout
    assert "entries 0 to 7" in files["README.txt"].decode()


def test_a_range_is_checked_against_the_whole_ledgers_root(
    sealed: PracticeRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    files = unpack(export(sealed, 2, 4))
    assert [json.loads(line)["index"] for line in files["entries.jsonl"].splitlines()] == [2, 3, 4]
    assert offline.check(files, None) == 0
    assert "8 entries" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("entries.jsonl", b"Glocke 4", b"Glocke 5"), ("entries.jsonl", b'"index": 5', b'"index": 6'),
        ("checkpoint", b"\n8\n", b"\n9\n"), ("log.vkey", b"+A", b"+B"),
    ],
)  # fmt: skip
def test_a_changed_export_is_refused(
    sealed: PracticeRecord, tmp_path: Path, name: str, old: bytes, new: bytes
) -> None:
    for file, data in unpack(export(sealed)).items():
        assert file != name or old in data
        (tmp_path / file).write_bytes(data.replace(old, new) if file == name else data)
    assert offline.main([str(tmp_path)]) == 1


def test_an_export_under_another_key_than_the_given_one_is_refused(
    sealed: PracticeRecord, tmp_path: Path
) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(export(sealed))
    assert offline.main(["--key", "other+00000000+AQ==", str(path)]) == 1
    assert offline.main([str(tmp_path / "nothing.zip")]) == 2


def test_the_export_is_a_fact_with_the_digest_of_the_file(sealed: PracticeRecord) -> None:
    data = export(sealed, 1, 3)
    ledger.seal_pending()
    (entry,) = ledger.entries(practice_id=sealed.id, kinds=("ledger.exported",))
    assert entry.body is not None
    assert (entry.body["first"], entry.body["last"], entry.body["reason"]) == (1, 3, "for the lawyer")
    assert entry.body["digest"] == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(("first", "last"), [(-1, None), (5, 4), (50, None)])
def test_a_range_that_is_not_there_is_refused(sealed: PracticeRecord, first: int, last: int | None) -> None:
    with pytest.raises(NoSuchEntry):
        export(sealed, first, last)


def test_an_export_needs_a_reason_and_has_a_limit(
    sealed: PracticeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ReasonMissing):
        ledger.export(practice_id=sealed.id, reason=" ", by="member:1")
    with pytest.raises(ReasonTooLong, match="200 letters"):
        ledger.export(practice_id=sealed.id, reason="x" * 201, by="member:1")
    monkeypatch.setattr("pocketward.ledger.exporting.MOST_ENTRIES", 3)
    with pytest.raises(ExportTooLarge):
        export(sealed)


# --- the script's own Ed25519, against the library that the server signs with ---------------------


@settings(max_examples=15, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.integers(0, 63), st.integers(1, 255))
def test_the_scripts_signature_check_agrees_with_the_library(
    seed: bytes, message: bytes, at: int, change: int
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert offline.signature_fits(public, message, signature)
    damaged = signature[:at] + bytes([signature[at] ^ change]) + signature[at + 1 :]
    for wrong in ((public, message + b"x", signature), (public, message, damaged)):
        with contextlib.suppress(offline.Unfit):
            assert not offline.signature_fits(*wrong)
    scalar = int.from_bytes(signature[32:], "little") + offline.ORDER
    if scalar < 2**256:
        assert not offline.signature_fits(public, message, signature[:32] + scalar.to_bytes(32, "little"))


def test_the_scripts_signature_check_knows_the_first_vector_of_the_rfc() -> None:
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    signature = bytes.fromhex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b"
    )
    assert offline.signature_fits(public, b"", signature)
    assert not offline.signature_fits(public, b"x", signature)
