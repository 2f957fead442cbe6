"""The root of every error that a person may see: a stable code, a sentence, advice for the operator."""

from __future__ import annotations


class PocketwardError(Exception):
    """Something was refused or went wrong, said so that a person can act on it.

    `code` never changes once released; `sentence` is for people; `advice` is for the operator.
    """

    code = "pocketward.error"
    sentence = "Something went wrong."
    advice = "Look at the log for the request id."

    def __init__(self, sentence: str | None = None, *, advice: str | None = None) -> None:
        self.sentence = sentence or type(self).sentence
        self.advice = advice or type(self).advice
        super().__init__(self.sentence)

    @property
    def with_advice(self) -> str:
        """The sentence, with the advice where it is about this error."""
        return f"{self.sentence} {self.own_advice}".strip()

    @property
    def own_advice(self) -> str:
        """The advice where it is about this error, else empty: who meets it on a page reads no log."""
        return self.advice if self.advice != PocketwardError.advice else ""
