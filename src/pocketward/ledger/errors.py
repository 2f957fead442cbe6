"""What the ledger refuses."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class LedgerError(PocketwardError):
    """Root of the ledger's errors."""

    code = "ledger.error"


class NoSuchEntry(LedgerError):
    """No entry has this number, or no entry seals this event."""

    code = "ledger.no_such_entry"
    sentence = "There is no such entry in this ledger."


class NotSealedYet(LedgerError):
    """The event is recorded and not sealed yet."""

    code = "ledger.not_sealed_yet"
    sentence = "This fact was recorded just now and is not sealed yet. Try again in a few seconds."
    advice = "If it stays so, look whether the worker runs."


class ForkRefused(LedgerError):
    """A newer or different checkpoint of this ledger is known, so nothing more may be signed here."""

    code = "ledger.fork_refused"
    sentence = "A checkpoint kept outside the database does not fit this database, so nothing more is sealed."
    advice = (
        "Usually an older backup was restored. Restore the newest one; facts recorded meanwhile are kept and "
        "wait to be sealed."
    )


class AlreadyRedacted(LedgerError):
    """The event's content was erased before."""

    code = "ledger.already_redacted"
    sentence = "The content of this entry was erased before."


class CannotRedact(LedgerError):
    """This kind of entry is never erased."""

    code = "ledger.cannot_redact"
    sentence = "The record of an erasure cannot be erased."


class ReasonMissing(LedgerError):
    """A redaction or an export needs a reason."""

    code = "ledger.reason_missing"
    sentence = "Say why; the reason becomes part of the ledger."


class ExportTooLarge(LedgerError):
    """Too many entries for one file."""

    code = "ledger.export_too_large"
    sentence = "This export has too many entries for one file. Choose a shorter range."


class ReasonTooLong(LedgerError):
    """The reason of a redaction or an export is longer than 200 letters."""

    code = "ledger.reason_too_long"
    sentence = "The reason is too long: at most 200 letters. It becomes part of the ledger."


LONGEST_REASON = 200


def refuse_reason(reason: str) -> None:
    """ReasonMissing, or ReasonTooLong for more than 200 letters."""
    if not reason.strip():
        raise ReasonMissing()
    if len(reason.strip()) > LONGEST_REASON:
        raise ReasonTooLong()
