"""Apple's push service without a socket: what replaces the connection, and only that."""

from __future__ import annotations

from pocketward.fleet.push_certificates import PushIdentity
from pocketward.protocols.apns import PushOutcome, PushRequest, read_response, response_body


class Service:
    """Apple's push service in one word: the answer it gives next, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[PushRequest] = []
        self.answer: PushOutcome = read_response(200, {}, b"")

    def say(self, status: int, reason: str = "") -> None:
        """Answer so from now on."""
        self.answer = read_response(status, {}, response_body(reason) if reason else b"")

    def send(self, identity: PushIdentity, request: PushRequest) -> PushOutcome:
        """Take a push."""
        self.asked.append(request)
        return self.answer
