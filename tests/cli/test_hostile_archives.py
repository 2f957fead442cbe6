"""Anybody who knows the recipient can write a file that opens: what is inside is read as a stranger's."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import shutil
import tarfile
import tempfile
import tracemalloc
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.cli import archive
from pocketward.cli.archive import BackupRefused, Packer, identities, read_encrypted, recipient
from tests.factories.hostile import EDITS, JSON, mutated

FEW = settings(max_examples=60, deadline=None)
KEY = pyrage.x25519.Identity.generate()
FACTS = {"made_at": "2026-11-27", "engine": "sqlite", "world": "demo", "ledgers": {}}
Part = tuple[str, bytes, bytes]  # name, type, content


@contextlib.contextmanager
def unpacked(tar: bytes) -> Iterator[Path]:
    """Read these bytes as the inside of a backup; the folder beside which nothing may appear."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        (folder / "file.age").write_bytes(pyrage.encrypt(gzip.compress(tar, 1), [KEY.to_public()]))
        try:
            read_encrypted(folder / "file.age", [KEY], folder / "in")
        finally:
            assert sorted(path.name for path in folder.iterdir()) == ["file.age", "in"]
            assert not any(path.is_symlink() for path in folder.rglob("*"))
        yield folder / "in"


def tar_of(*parts: Part, link: str = "") -> bytes:
    """A tar with these members, as any program may write one."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, content in parts:
            member = tarfile.TarInfo(name)
            member.type, member.size, member.linkname = kind, len(content), link
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@cache
def good() -> bytes:
    """What a backup holds, two files of it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        packer = Packer(tar)
        packer.add_bytes(b"a key", "keys/master.key")
        packer.add_bytes(b"proof" * 50, "evidence/ab/" + "c" * 120)
        packer.close(FACTS)
    return packed.getvalue()


def test_a_good_one_is_unpacked() -> None:
    with unpacked(good()) as folder:
        assert (folder / "keys" / "master.key").read_bytes() == b"a key"


@pytest.mark.parametrize(
    "name",
    ["../outside", "keys/../../outside", "/keys/x", "keys/../../../etc/x", ".", "..", "", "/", "elsewhere",
     "./.."],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(BackupRefused), unpacked(tar_of((name, tarfile.REGTYPE, b"x"))):
        pass


@pytest.mark.parametrize("link", ["../../outside", "/etc/passwd", "keys/nothing", ""])
@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE,
     tarfile.GNUTYPE_SPARSE],
)  # fmt: skip
def test_what_is_no_plain_file_is_refused(kind: bytes, link: str) -> None:
    parts = (("keys/a", kind, b""), ("keys/a/b", tarfile.REGTYPE, b"x"))
    with pytest.raises(BackupRefused), unpacked(tar_of(*parts, link=link)):
        pass


def test_a_file_twice_and_a_file_below_a_file_are_refused() -> None:
    for second in ("keys/a", "keys/a/b"):
        parts = (("keys/a", tarfile.REGTYPE, b"1"), (second, tarfile.REGTYPE, b"2"))
        with pytest.raises(BackupRefused), unpacked(tar_of(*parts)):
            pass


def test_a_bomb_is_refused_before_it_fills_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LEAST_ROOM", 1 << 20)
    bomb = tar_of(("evidence/a", tarfile.REGTYPE, bytes(30 << 20)))
    with pytest.raises(BackupRefused, match="larger unpacked"), unpacked(bomb):
        pass


def test_a_disk_that_is_too_small_is_told_before_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.disk_usage(tempfile.gettempdir())
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: real._replace(free=100))
    with pytest.raises(BackupRefused, match="larger unpacked"), unpacked(good()):
        pass


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_that_would_be_read_into_memory_is_bounded(kind: bytes) -> None:
    bomb = tar_of(("keys/x", kind, bytes(20 << 20)))
    tracemalloc.start()
    try:
        with pytest.raises(BackupRefused), unpacked(bomb):
            pass
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"[" * 100_000, b"\xff", b'{"format": 1}', b'{"format": 1, "files": {}}', b"1e999",
     b'{"format":1,"files":{},"made_at":1,"engine":"sqlite","world":"demo","ledgers":{}}'],
)  # fmt: skip
def test_a_list_of_contents_that_makes_no_sense_is_refused(manifest: bytes) -> None:
    with pytest.raises(BackupRefused), unpacked(tar_of((archive.MANIFEST, tarfile.REGTYPE, manifest))):
        pass


@FEW
@given(JSON)
def test_any_list_of_contents_is_a_manifest_or_refused(content: Any) -> None:
    data = json.dumps(content).encode()
    with contextlib.suppress(BackupRefused), unpacked(tar_of((archive.MANIFEST, tarfile.REGTYPE, data))):
        pass


@FEW
@given(EDITS)
def test_a_mutated_archive_is_unpacked_or_refused(edits: list[tuple[int, int, int]]) -> None:
    with contextlib.suppress(BackupRefused), unpacked(mutated(good(), edits)) as folder:
        # Every file that came out is one that was put in, whole: the list of contents holds its digest.
        with unpacked(good()) as whole:
            known = {path.read_bytes() for path in whole.rglob("*") if path.is_file()}
        assert {path.read_bytes() for path in folder.rglob("*") if path.is_file()} <= known


@FEW
@given(st.binary(max_size=2000))
def test_random_bytes_are_no_backup(data: bytes) -> None:
    with pytest.raises(BackupRefused), unpacked(data):
        pass


@FEW
@given(EDITS)
def test_a_mutated_file_is_refused(edits: list[tuple[int, int, int]]) -> None:
    sealed = pyrage.encrypt(gzip.compress(good()), [KEY.to_public()])
    damaged = mutated(sealed, edits)
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "in").mkdir()
        (Path(name) / "file.age").write_bytes(damaged)
        # The file is authenticated as a whole: one other byte anywhere, and nothing of it is taken.
        with pytest.raises(BackupRefused) if damaged != sealed else contextlib.nullcontext():
            read_encrypted(Path(name) / "file.age", [KEY], Path(name) / "in")


@FEW
@given(st.binary(max_size=200), st.text(max_size=80))
def test_any_identity_file_and_recipient_is_read_or_refused(data: bytes, text: str) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        with pytest.raises(BackupRefused):
            identities(Path(file.name))
    with pytest.raises(BackupRefused):
        recipient(text)
