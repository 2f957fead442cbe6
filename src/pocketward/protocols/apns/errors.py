"""What can be wrong with a push request or a push certificate."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class PushError(PocketwardError):
    """A push cannot be made, or the push service would refuse it; `reason` is the service's own word."""

    code = "protocols.apns"
    sentence = "This push cannot be sent."
    advice = "Look at the phone's push token and at the push certificate's topic."

    def __init__(self, sentence: str | None = None, *, reason: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason
