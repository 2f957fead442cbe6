"""Signed notes, checkpoints, timestamps and proof files."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from pocketward.protocols.tlog import (
    Checkpoint,
    NoteError,
    ProofError,
    ProofFile,
    SignatureError,
    TlogError,
    VerifierKey,
    cosign,
    cosigned_times,
    inclusion_proof,
    leaf_hash,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
    parse_proof_file,
    parse_verifier_key,
    sign_checkpoint,
    sign_note,
    subtrees_in_memory,
    tree_root,
    verify_note,
    verify_proof_file,
)
from pocketward.protocols.tlog.notes import Note

ORIGIN = "clinic.example.org/ledger/1"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
VERIFIER = VerifierKey(ORIGIN, KEY.public_key().public_bytes_raw())
STRANGER = VerifierKey("stranger.example.org/log", OTHER.public_key().public_bytes_raw())
ROOT = leaf_hash(b"root")
SIGNED = sign_checkpoint(Checkpoint(ORIGIN, 12, ROOT), KEY, 1_790_000_000)

# The example of the Go checksum database, whose key is printed in Go's source: a note we did not make.
SUM_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"


def test_a_key_id_is_the_hash_of_name_type_and_key() -> None:
    whole = ORIGIN.encode() + b"\n\x01" + VERIFIER.public_key
    assert VERIFIER.key_id == hashlib.sha256(whole).digest()[:4]


def test_a_verifier_key_in_use_elsewhere_reads_and_writes_back() -> None:
    assert parse_verifier_key(SUM_KEY).encode() == SUM_KEY
    assert parse_verifier_key(VERIFIER.encode()) == VERIFIER


@pytest.mark.parametrize(
    "text",
    [
        "", "a+b", SUM_KEY.replace("033d", "133d"), SUM_KEY.replace("sum", "sun"), "a b" + SUM_KEY,
        "a+00000000+", "a+00000000+AAAA", "x" * 2000,
    ],
)  # fmt: skip
def test_a_verifier_key_whose_parts_do_not_fit_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        parse_verifier_key(text)


def test_a_checkpoint_has_three_lines_and_its_signature_is_over_them() -> None:
    text, _, signatures = SIGNED.decode().partition("\n\n")
    assert text.split("\n") == [ORIGIN, "12", base64.b64encode(ROOT).decode()]
    line = signatures.split("\n")[0]
    assert line.startswith(f"— {ORIGIN} ")
    data = base64.b64decode(line.rpartition(" ")[2])
    assert data[:4] == VERIFIER.key_id
    KEY.public_key().verify(data[4:], (text + "\n").encode())


def test_a_signed_checkpoint_opens_and_says_when_it_was_signed() -> None:
    opened = open_checkpoint(SIGNED, VERIFIER)
    assert opened.checkpoint == Checkpoint(ORIGIN, 12, ROOT)
    assert opened.signed_at == 1_790_000_000
    assert opened.note.encode() == SIGNED


def test_the_timestamp_is_signed_as_the_cosignature_format_says() -> None:
    line = cosign("o\n1\nx\n", "w.example", KEY, 1679315147)
    public = KEY.public_key().public_bytes_raw()
    assert line.key_id == hashlib.sha256(b"w.example\n\x04" + public).digest()[:4]
    assert int.from_bytes(line.signature[:8], "big") == 1679315147
    KEY.public_key().verify(line.signature[8:], b"cosignature/v1\ntime 1679315147\no\n1\nx\n")


def test_a_changed_time_breaks_its_signature() -> None:
    note = parse_note(SIGNED)
    timed = note.signatures[1]
    later = (1_790_000_001).to_bytes(8, "big") + timed.signature[8:]
    forged = Note(note.text, (note.signatures[0], type(timed)(timed.name, timed.key_id, later)))
    with pytest.raises(SignatureError):
        open_checkpoint(forged.encode(), VERIFIER)
    cut = Note(note.text, (note.signatures[0], type(timed)(timed.name, timed.key_id, timed.signature[:-1])))
    with pytest.raises(SignatureError):
        cosigned_times(cut, [VERIFIER])


def test_a_checkpoint_of_another_origin_or_key_is_refused() -> None:
    with pytest.raises(SignatureError):
        open_checkpoint(SIGNED, STRANGER)
    text = Checkpoint("other.example.org/log", 12, ROOT).text()
    borrowed = Note(text, (sign_note(text, ORIGIN, KEY),)).encode()
    with pytest.raises(SignatureError):
        open_checkpoint(borrowed, VERIFIER)


def test_unknown_signatures_are_ignored_and_known_bad_ones_refuse_the_note() -> None:
    text = "hello\n"
    good, strange = sign_note(text, ORIGIN, KEY), sign_note(text, STRANGER.name, OTHER)
    assert verify_note(Note(text, (strange, good)), [VERIFIER]) == (VERIFIER,)
    bad = type(good)(good.name, good.key_id, bytes(64))
    with pytest.raises(SignatureError):
        verify_note(Note(text, (bad, strange)), [VERIFIER, STRANGER])
    with pytest.raises(SignatureError):
        verify_note(Note(text, (strange,)), [VERIFIER])


def test_text_with_empty_lines_ends_at_the_last_one() -> None:
    text = "one\n\ntwo\n"
    note = parse_note(Note(text, (sign_note(text, ORIGIN, KEY),)).encode())
    assert note.text == text
    verify_note(note, [VERIFIER])


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n", b"text\n", b"text\n\n", b"text\n\nnot a signature\n", b"text\n\n\xe2\x80\x94 a !!\n",
        b"text\n\n\xe2\x80\x94 a AAAA\n", b"text\n\n\xe2\x80\x94 a+b AAAAAAAA\n",
        b"te\rxt\n\n\xe2\x80\x94 a AAAAAAAA\n",
        b"\xff\n\n\xe2\x80\x94 a AAAAAAAA\n", b"text\n\n\xe2\x80\x94 a AAAAAAAA",
        b"text\n\n\xe2\x80\x94 a AAAAAAB=\n",
        b"x" * 70_000, b"text\n\n" + b"\xe2\x80\x94 a AAAAAAAA\n" * 65,
    ],
)  # fmt: skip
def test_a_malformed_note_is_refused(data: bytes) -> None:
    with pytest.raises(NoteError):
        parse_note(data)


@pytest.mark.parametrize(
    "text",
    [
        "", "o\n1\n", "o\n01\nAA==\n", "o\n-1\nAA==\n", "o\n1\nAA==\n", "\n1\nAA==\n", "o\n٣\nAA==\n",
        f"o\n0\n{base64.b64encode(ROOT).decode()}\n", f"o\n{'9' * 19}\n{base64.b64encode(ROOT).decode()}\n",
        f"o\n1\n{base64.b64encode(ROOT).decode()}\n\nx\n", f"o\n1\n{base64.b64encode(ROOT).decode()}",
    ],
)  # fmt: skip
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(text)


@given(st.integers(1, 2**62), st.binary(min_size=32, max_size=32))
def test_every_checkpoint_reads_back(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(ORIGIN, size, root, ("more",))
    assert parse_checkpoint(checkpoint.text()) == checkpoint


@pytest.mark.parametrize("parts", [("", 1), ("a\nb", 1), (ORIGIN, -1), (ORIGIN, 2**63)])
def test_a_checkpoint_that_cannot_be_written_is_refused(parts: tuple[str, int]) -> None:
    with pytest.raises(NoteError):
        Checkpoint(*parts, ROOT).text()


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_no_byte_of_a_signed_checkpoint_can_change_unseen(at: int, change: int) -> None:
    damaged = SIGNED[:at] + bytes([SIGNED[at] ^ change]) + SIGNED[at + 1 :]
    try:
        opened = open_checkpoint(damaged, VERIFIER)
    except TlogError:
        return
    # A damaged name, id or dash of the timestamp makes it a stranger's line, which is ignored.
    assert opened.checkpoint == Checkpoint(ORIGIN, 12, ROOT)
    assert opened.signed_at is None


@given(st.binary(max_size=300))
def test_any_bytes_are_a_note_that_writes_back_or_are_refused(data: bytes) -> None:
    try:
        note = parse_note(data)
    except NoteError:
        return
    assert note.encode() == data


def proof_file(index: int) -> tuple[bytes, bytes]:
    leaves = [f"leaf {number}".encode() for number in range(7)]
    hashes = [leaf_hash(item) for item in leaves]
    checkpoint = sign_checkpoint(Checkpoint(ORIGIN, 7, tree_root(hashes)), KEY, 5)
    proof = inclusion_proof(index, 7, subtrees_in_memory(hashes))
    return ProofFile(index, proof, checkpoint, b"extra").encode(), leaves[index]


@pytest.mark.parametrize("index", range(7))
def test_a_proof_file_proves_its_own_entry_and_no_other(index: int) -> None:
    data, leaf = proof_file(index)
    assert parse_proof_file(data).encode() == data
    assert verify_proof_file(data, leaf, VERIFIER).checkpoint.size == 7
    with pytest.raises(ProofError):
        verify_proof_file(data, b"another leaf", VERIFIER)
    with pytest.raises(SignatureError):
        verify_proof_file(data, leaf, STRANGER)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"@v1", b"@v2"), (b"index 3", b"index 03"), (b"index 3", b"entry 3"), (b"extra ", b"extra !"),
        (b"index 3\n", b"index 3\nAA==\n"), (b"\n\n", b"\n"), (b"c2sp", b"\xc3\xa92sp"),
        (b"index 3\n", b"index 3\n" + b"A" * 43 + b"=\n" * 70),
    ],
)  # fmt: skip
def test_a_malformed_proof_file_is_refused(old: bytes, new: bytes) -> None:
    data, leaf = proof_file(3)
    with pytest.raises(TlogError):
        verify_proof_file(data.replace(old, new), leaf, VERIFIER)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_proof_file_or_are_refused(data: bytes) -> None:
    with pytest.raises(TlogError):
        verify_proof_file(data, b"leaf", VERIFIER)
