"""What response refuses."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class ResponseError(PocketwardError):
    """Root of the response domain's errors."""

    code = "response.error"


class NoSuchReport(ResponseError):
    """No such loss report in this practice."""

    code = "response.no_such_report"
    sentence = "There is no such report."


class NotAllowed(ResponseError):
    """This person's roles do not allow it."""

    code = "response.not_allowed"
    sentence = "Only an officer can do this."


class ReasonRefused(ResponseError):
    """The reason given says nothing, or too much to be kept."""

    code = "response.reason_refused"
    sentence = "Write why."
    advice = "Name no patient."


class TooEarly(ResponseError):
    """Nobody may decide without proof yet: nothing was ordered, or not long enough ago."""

    code = "response.too_early"
    sentence = "It is too early to decide without proof."


class RestoreRefused(ResponseError):
    """Records cannot be restored this way."""

    code = "response.restore_refused"
    sentence = "Records stay closed. An officer can restore them."

    def __init__(self, *, why: str) -> None:
        """`why`: weak_proof, too_soon, confirmed, reported_phone or not_yours."""
        super().__init__()
        self.why = why


class PlaybookBroken(ResponseError):
    """A playbook file is not one; the product refuses to start."""

    code = "response.playbook_broken"
    sentence = "A playbook cannot be read."
