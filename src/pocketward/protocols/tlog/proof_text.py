"""A proof as one text file that anybody can check offline (c2sp.org/tlog-proof)."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from pocketward.protocols.tlog.checkpoints import SignedCheckpoint, open_checkpoint
from pocketward.protocols.tlog.errors import ProofError
from pocketward.protocols.tlog.merkle import HASH_SIZE, leaf_hash
from pocketward.protocols.tlog.notes import LARGEST_NOTE, VerifierKey, decode_base64
from pocketward.protocols.tlog.proofs import Proof, verify_inclusion

_HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class ProofFile:
    """Entry `index`, its inclusion proof, and the bytes of the checkpoint it leads to."""

    index: int
    proof: Proof
    checkpoint: bytes
    extra: bytes = b""

    def encode(self) -> bytes:
        """The text of a `.tlog-proof` file."""
        extra = [f"extra {base64.b64encode(self.extra).decode()}"] if self.extra else []
        path = [base64.b64encode(item).decode() for item in self.proof]
        return "\n".join([_HEADER, *extra, f"index {self.index}", *path, "", ""]).encode() + self.checkpoint


def parse_proof_file(data: bytes) -> ProofFile:
    """A proof file from its bytes; ProofError, NoteError when it is malformed or over 64 kB."""
    head, blank, checkpoint = data.partition(b"\n\n")
    if len(data) > LARGEST_NOTE or not blank:
        raise ProofError("This is not a proof file.")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise ProofError("This is not a proof file.") from error
    if lines.pop(0) != _HEADER or not lines:
        raise ProofError("This is not a proof file.")
    extra = b""
    if lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra "), "The extra data")
    number = lines.pop(0).removeprefix("index ") if lines and lines[0].startswith("index ") else ""
    if not number.isdigit() or len(number) > 19 or str(int(number)) != number:
        raise ProofError("The proof file names no entry.")
    path = tuple(decode_base64(line, "A hash of the proof") for line in lines)
    if len(path) > 64 or any(len(item) != HASH_SIZE for item in path):
        raise ProofError("The proof is not a short list of 32-byte hashes.")
    return ProofFile(int(number), path, checkpoint, extra)


def verify_proof_file(data: bytes, leaf: bytes, key: VerifierKey) -> SignedCheckpoint:
    """The signed checkpoint that holds the entry with these leaf bytes; ProofError, NoteError otherwise."""
    proof = parse_proof_file(data)
    signed = open_checkpoint(proof.checkpoint, key)
    head = signed.checkpoint
    verify_inclusion(leaf_hash(leaf), proof.index, head.size, proof.proof, head.root)
    return signed
