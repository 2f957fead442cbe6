"""What can be wrong with a log's proofs, notes and tiles."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class TlogError(PocketwardError):
    """Root of everything this package refuses."""

    code = "protocols.tlog"
    sentence = "This piece of a ledger cannot be read."


class ProofError(TlogError):
    """A proof does not lead to the root it should, or has the wrong length."""

    code = "protocols.tlog.proof"
    sentence = "The proof does not fit the signed checkpoint."
    advice = "Get the proof and the checkpoint again; if they still differ, the ledger was changed."


class NoteError(TlogError):
    """A signed note or checkpoint is not well formed."""

    code = "protocols.tlog.note"
    sentence = "The checkpoint is not well formed."
    advice = "Copy the checkpoint file byte for byte; editors and mail programs change line ends."


class SignatureError(NoteError):
    """No trusted key signed this note, or a trusted key's signature does not fit."""

    code = "protocols.tlog.signature"
    sentence = "The signature on the checkpoint cannot be accepted."
    advice = "Check that the verifier key belongs to this ledger."


class TileError(TlogError):
    """A tile, an entry bundle or its path is not well formed."""

    code = "protocols.tlog.tile"
    sentence = "The ledger tile is not well formed."


class LeafError(TlogError):
    """A leaf record is not well formed."""

    code = "protocols.tlog.leaf"
    sentence = "The ledger entry is not well formed."
