"""What response refuses."""

from __future__ import annotations

from typing import ClassVar

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
        """`why`: weak_proof, too_soon, confirmed, reported_phone, erased or not_yours."""
        super().__init__()
        self.why = why


class ProvenErased(ResponseError):
    """Every phone of the report is proven erased: a reversal opens nothing, and would say it was found."""

    code = "response.proven_erased"
    sentence = "It is erased, and that is proven: there is nothing to open again."
    advice = "If it is found, it joins again with a new code. Then its report can be reversed."


class ReversalRefused(ResponseError):
    """An officer cannot open records again on this phone, or not from where they are."""

    code = "response.reversal_refused"
    sentence = "Records stay closed."

    _WORDS: ClassVar = {
        "own_phone": (
            "This is your own phone. An officer’s role alone does not open records on it again.",
            "Ask another officer. Until somebody confirms the loss, you can do it yourself under My phone.",
        ),
        "own_phone_alone": (
            "This is your own phone. An officer’s role alone does not open records on it again.",
            "You are the only officer: do it under My phone, with a passkey from before the report.",
        ),
        "reported_phone": (
            "Not from the reported phone, and not from the network it last spoke from.",
            "Use another device on another network, such as mobile data. Or ask another officer elsewhere.",
        ),
    }

    def __init__(self, *, why: str) -> None:
        """`why`: own_phone, own_phone_alone or reported_phone."""
        sentence, advice = self._WORDS[why]
        super().__init__(sentence, advice=advice)
        self.why = why


class PlaybookBroken(ResponseError):
    """A playbook file is not one; the product refuses to start."""

    code = "response.playbook_broken"
    sentence = "A playbook cannot be read."
