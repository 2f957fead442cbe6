"""Anybody who knows the recipient can write a file that opens: what is inside is read as a stranger's."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
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

SOME = settings(max_examples=20, deadline=None)
FEW = settings(max_examples=60, deadline=None)
KEY = pyrage.x25519.Identity.generate()
FACTS = {"made_at": "2026-11-27", "engine": "sqlite", "world": "demo", "ledgers": {}}
Part = tuple[str, bytes, bytes]  # name, type, content


@contextlib.contextmanager
def opened(tar: bytes) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The folder that these bytes fill as the inside of a backup, and their list; nothing is put beside."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        (folder / "file.age").write_bytes(pyrage.encrypt(gzip.compress(tar, 1), [KEY.to_public()]))
        try:
            manifest = read_encrypted(folder / "file.age", [KEY], folder / "in")
        finally:
            assert sorted(path.name for path in folder.iterdir()) == ["file.age", "in"]
            assert not any(path.is_symlink() for path in folder.rglob("*"))
        yield folder / "in", manifest


@contextlib.contextmanager
def unpacked(tar: bytes) -> Iterator[Path]:
    """The same, for whom the list of contents is of no interest."""
    with opened(tar) as (folder, _):
        yield folder


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below, by its name in the archive."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def packed(files: dict[str, bytes], facts: dict[str, Any]) -> bytes:
    """The inside of a backup of these files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        packer = Packer(tar)
        for name, content in files.items():
            packer.add_bytes(content, name)
        packer.close(facts)
    return out.getvalue()


def tar_of(*parts: Part, link: str = "") -> bytes:
    """A tar with these members, as any program may write one."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, content in parts:
            member = tarfile.TarInfo(name)
            member.type, member.size, member.linkname = kind, len(content), link
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


FILES = {"keys/master.key": b"a key", "evidence/ab/" + "c" * 120: b"proof" * 50}


@cache
def good() -> bytes:
    """What a backup holds, two files of it."""
    return packed(FILES, FACTS)


def test_a_good_one_is_unpacked() -> None:
    with opened(good()) as (folder, manifest):
        assert files_in(folder) == FILES
        assert FACTS.items() <= manifest.items()


NAMES = st.builds(
    "{}/{}".format,
    st.sampled_from(["keys", "evidence/ab", "ledger/x/y"]),
    st.text("aZ.-ñ 字", min_size=1, max_size=60).filter(lambda name: name.strip(".") != ""),
)


@SOME
@given(st.dictionaries(NAMES, st.binary(max_size=600), max_size=3), st.text(max_size=9), JSON)
def test_whatever_is_packed_is_unpacked(files: dict[str, bytes], world: str, more: Any) -> None:
    facts = FACTS | {"world": world, "ledgers": {"a": more}, "more": more}
    with opened(packed(files, facts)) as (folder, manifest):
        assert files_in(folder) == files
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        assert manifest == {"format": 1, **facts, "files": digests}


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


PLAIN: dict[str, Any] = {"format": 1, "files": {}, **FACTS}
VALUES = JSON | st.sampled_from([1, {}, {"a": {}}, ""])


def listed(content: Any) -> Part:
    """This as the list of contents."""
    return archive.MANIFEST, tarfile.REGTYPE, json.dumps(content).encode()


def is_manifest(content: Any) -> bool:
    """Whether this lists an archive without a file, and holds what every list does."""
    return (
        isinstance(content, dict)
        and (content.get("format"), content.get("files")) == (1, {})
        and all(isinstance(content.get(key), str) for key in ("made_at", "engine", "world"))
        and isinstance(content.get("ledgers"), dict)
    )


@SOME
@given(
    VALUES
    | st.dictionaries(st.sampled_from(sorted(PLAIN)), VALUES, max_size=2).map(lambda other: PLAIN | other)
)
def test_a_list_of_contents_is_read_as_it_stands_or_refused_for_what_it_lacks(content: Any) -> None:
    def read(content: Any) -> Any:
        with opened(tar_of(listed(content))) as (folder, manifest):
            assert files_in(folder) == {}
            return manifest

    assert read(PLAIN) == PLAIN
    if is_manifest(content):
        assert read(content) == content
    else:
        with pytest.raises(BackupRefused):
            read(content)


@pytest.mark.parametrize("key", sorted(PLAIN))
@pytest.mark.parametrize("value", [None, 2, ["a"], b"absent"])
def test_a_list_of_contents_must_have_every_part_of_its_kind(key: str, value: Any) -> None:
    content = {name: part for name, part in (PLAIN | {key: value}).items() if part != b"absent"}
    with pytest.raises(BackupRefused), unpacked(tar_of(listed(content))):
        pass


@pytest.mark.parametrize("held", [{}, {"keys/a": b"1"}, {"keys/b": b"0"}, {"keys/a": b"0", "keys/b": b"0"}])
def test_files_that_are_not_those_of_the_list_are_refused(held: dict[str, bytes]) -> None:
    content = PLAIN | {"files": {"keys/a": hashlib.sha256(b"0").hexdigest()}}
    with unpacked(tar_of(("keys/a", tarfile.REGTYPE, b"0"), listed(content))) as folder:
        assert files_in(folder) == {"keys/a": b"0"}
    parts = [(name, tarfile.REGTYPE, data) for name, data in held.items()]
    with (
        pytest.raises(BackupRefused, match="not those that were put in"),
        unpacked(tar_of(*parts, listed(content))),
    ):
        pass


@FEW
@given(EDITS)
def test_a_mutated_archive_is_unpacked_whole_or_refused(edits: list[tuple[int, int, int]]) -> None:
    with contextlib.suppress(BackupRefused), opened(mutated(good(), edits)) as (folder, manifest):
        # The list of contents holds the digest of every file: names and bytes are those it speaks of. Nothing
        # vouches for the list itself but the seal of the whole.
        found = {name: hashlib.sha256(content).hexdigest() for name, content in files_in(folder).items()}
        assert found == manifest["files"]
        assert set(files_in(folder).values()) <= set(FILES.values())


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
def test_an_identity_file_and_a_recipient_are_read_and_anything_else_is_refused(
    data: bytes, text: str
) -> None:
    with tempfile.NamedTemporaryFile() as file:
        path = Path(file.name)
        path.write_bytes(data)
        with pytest.raises(BackupRefused):
            identities(path)
        # Whatever stands above the key, as the comment of age-keygen does.
        path.write_bytes(data + f"\n{KEY}\n".encode())
        assert [str(found) for found in identities(path)] == [str(KEY)]
    with pytest.raises(BackupRefused):
        recipient(text)
    assert str(recipient(f" {KEY.to_public()}\n")) == str(KEY.to_public())
