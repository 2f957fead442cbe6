"""Transparency logs: the Merkle tree of RFC 9162, tiles, signed checkpoints and proofs as C2SP writes them.

Pure: bytes in, records out. Nothing here knows where entries come from or where files go.
"""

from __future__ import annotations

from pocketward.protocols.tlog.checkpoints import (
    Checkpoint,
    SignedCheckpoint,
    cosign,
    cosigned_times,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from pocketward.protocols.tlog.errors import (
    LeafError,
    NoteError,
    ProofError,
    SignatureError,
    TileError,
    TlogError,
)
from pocketward.protocols.tlog.leaf import Leaf, commit, matches, parse_leaf
from pocketward.protocols.tlog.merkle import (
    EMPTY_ROOT,
    Frontier,
    SubtreeHash,
    leaf_hash,
    node_hash,
    range_root,
    subtrees_in_memory,
    tree_root,
)
from pocketward.protocols.tlog.notes import (
    Note,
    NoteSignature,
    VerifierKey,
    parse_note,
    parse_verifier_key,
    sign_note,
    verify_note,
)
from pocketward.protocols.tlog.proof_text import ProofFile, parse_proof_file, verify_proof_file
from pocketward.protocols.tlog.proofs import (
    Proof,
    consistency_proof,
    inclusion_proof,
    root_from_inclusion,
    verify_consistency,
    verify_inclusion,
)
from pocketward.protocols.tlog.tiles import (
    CHECKPOINT_PATH,
    TILE_WIDTH,
    Tile,
    join_entries,
    join_hashes,
    parse_tile_path,
    split_entries,
    split_hashes,
    subtrees_in_tiles,
    tiles_of,
)

__all__ = [
    "CHECKPOINT_PATH",
    "EMPTY_ROOT",
    "TILE_WIDTH",
    "Checkpoint",
    "Frontier",
    "Leaf",
    "LeafError",
    "Note",
    "NoteError",
    "NoteSignature",
    "Proof",
    "ProofError",
    "ProofFile",
    "SignatureError",
    "SignedCheckpoint",
    "SubtreeHash",
    "Tile",
    "TileError",
    "TlogError",
    "VerifierKey",
    "commit",
    "consistency_proof",
    "cosign",
    "cosigned_times",
    "inclusion_proof",
    "join_entries",
    "join_hashes",
    "leaf_hash",
    "matches",
    "node_hash",
    "open_checkpoint",
    "parse_checkpoint",
    "parse_leaf",
    "parse_note",
    "parse_proof_file",
    "parse_tile_path",
    "parse_verifier_key",
    "range_root",
    "root_from_inclusion",
    "sign_checkpoint",
    "sign_note",
    "split_entries",
    "split_hashes",
    "subtrees_in_memory",
    "subtrees_in_tiles",
    "tiles_of",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
    "verify_note",
    "verify_proof_file",
]
