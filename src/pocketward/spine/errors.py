"""What the ground refuses."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class SpineError(PocketwardError):
    """Root of the spine's errors."""

    code = "spine.error"


class ScopeMissing(SpineError):
    """A row of a practice was asked for with no practice in scope."""

    code = "spine.scope_missing"
    sentence = "No practice is in scope."
    advice = "Enter practice_scope(...) at the edge: request, job or command."


class ScopeChanged(SpineError):
    """A query, row or transaction of one practice was used in the scope of another."""

    code = "spine.scope_changed"
    sentence = "This belongs to another practice."
    advice = "Build and use a query in the same scope; end the transaction before changing it."


class OutsideUnitOfWork(SpineError):
    """A fact was recorded, or a job queued, with no transaction around it."""

    code = "spine.outside_unit_of_work"
    sentence = "A fact can be recorded only together with its change."
    advice = "Wrap the verb in @unit_of_work."


class CascadeTooLong(SpineError):
    """Handlers kept recording events that caused more events."""

    code = "spine.cascade_too_long"
    sentence = "One change caused more than 64 further events."
    advice = "Two handlers answer each other; break the circle."


class WriterBusy(SpineError):
    """The turn to write did not come: the queue of the SQLite writer is full, or another holds the lock."""

    code = "spine.writer_busy"
    sentence = "The server is busy. Try again in a few seconds."
    advice = "Look for a long transaction or a slow disk; on SQLite, consider PostgreSQL."


class KeyMissing(SpineError):
    """Encrypted data exists and the master key does not."""

    code = "spine.key_missing"
    sentence = "The master key is missing."
    advice = "Put the key file back, or restore the backup that holds it."


class LeaseLost(SpineError):
    """Another worker has taken this job over; this attempt may not finish."""

    code = "spine.lease_lost"
    sentence = "This job was taken over by another worker."
    advice = "Nothing to do: the other worker finishes it."
