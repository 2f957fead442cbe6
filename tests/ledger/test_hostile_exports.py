"""The offline verifier reads what anybody may have changed: it says so, and never breaks or hangs."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketward.ledger import api as ledger
from pocketward.ledger.offline import verify as offline
from pocketward.practice.records import PracticeRecord
from tests.factories.hostile import EDITS, JSON, mutated

FEW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = ("log.vkey", "checkpoint", "entries.jsonl")


@pytest.fixture
def exported(practice: PracticeRecord, ring: Callable[..., UUID]) -> bytes:
    """A small export of five entries."""
    for number in range(4):
        ring(f"bell {number}")
    ledger.seal_pending()
    return ledger.export(practice_id=practice.id, first=0, reason="for the lawyer", by="member:1")


def files_in(zipped: bytes) -> dict[str, bytes]:
    """The three files that are checked."""
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        return {name: archive.read(name) for name in NAMES}


def verify(files: dict[str, bytes], folder: Path, *arguments: str) -> int:
    """What the script ends with."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return offline.main([*arguments, str(folder)])


def facts(entries: bytes) -> set[tuple[str, str | None]]:
    """What an export says, order and spacing aside."""
    lines = [json.loads(line) for line in entries.decode().splitlines()]
    return {(line["leaf"], line["event"]) for line in lines}


@FEW
@given(st.sampled_from(NAMES), EDITS)
def test_a_mutated_export_is_refused_or_says_nothing_else(
    exported: bytes, tmp_path: Path, name: str, edits: list[tuple[int, int, int]]
) -> None:
    files = files_in(exported)
    changed = files | {name: mutated(files[name], edits)}
    if verify(changed, tmp_path) == 0:
        assert facts(changed["entries.jsonl"]) <= facts(files["entries.jsonl"])


@FEW
@given(JSON, st.sampled_from(["leaf", "index", "proof", "event", "key", ""]))
def test_an_entry_of_any_shape_is_bad_and_named(
    exported: bytes, tmp_path: Path, value: Any, field: str
) -> None:
    files = files_in(exported)
    first, *rest = files["entries.jsonl"].splitlines()
    line = json.loads(first)
    changed = line | {field: value} if field else value
    text = b"\n".join([json.dumps(changed).encode(), *rest])
    # Without its content an entry still stands in the log: that is what an erased one looks like.
    expected = 0 if changed in (line, line | {"event": None}) else 1
    assert verify(files | {"entries.jsonl": text}, tmp_path) == expected


@FEW
@given(st.binary(max_size=200), EDITS)
def test_a_zip_of_any_bytes_is_read_or_refused(
    exported: bytes, tmp_path: Path, noise: bytes, edits: list[tuple[int, int, int]]
) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(noise)
    assert offline.main([str(path)]) == 2
    path.write_bytes(mutated(exported, edits))
    assert offline.main([str(path)]) in (0, 1, 2)


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"leaf": 5}', b"null", b"\xff", b'{"index": 1e400}'])
def test_lines_that_are_no_entries_end_the_check_with_a_word(
    exported: bytes, tmp_path: Path, text: bytes
) -> None:
    assert verify(files_in(exported) | {"entries.jsonl": text}, tmp_path) == 1


def test_a_bomb_is_not_unpacked(exported: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline, "LARGEST", 1000)
    path = tmp_path / "export.zip"
    path.write_bytes(exported)
    assert offline.main([str(path)]) == 2


def test_a_key_that_is_missing_fits_nothing(exported: bytes, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(exported)
    assert offline.main([str(path), "--key"]) == 1
