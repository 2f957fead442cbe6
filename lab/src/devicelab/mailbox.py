"""The lab's mailbox: takes every mail of the demo and keeps it in memory."""

from __future__ import annotations

import email
import email.policy
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from pocketward.kernel import clock

MOST_MAILS = 200
LARGEST_MAIL = 1_000_000


@dataclass
class Mailbox:
    """Mails, newest last: {number, at, to, subject, text}."""

    mails: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MOST_MAILS))
    _controller: Controller | None = None
    _numbers: count[int] = field(default_factory=lambda: count(1))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep one mail (aiosmtpd calls this)."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        body = message.get_body(preferencelist=("plain",))
        self.mails.append(
            {
                "number": next(self._numbers),
                "at": clock.now().isoformat(timespec="seconds"),
                "to": list(envelope.rcpt_tos),
                "subject": str(message["subject"] or ""),
                "text": body.get_content() if body is not None else "",
            }
        )
        return "250 kept"

    def start(self, port: int) -> None:
        """Listen on loopback."""
        self._controller = Controller(self, hostname="127.0.0.1", port=port, data_size_limit=LARGEST_MAIL)
        self._controller.start()

    def stop(self) -> None:
        """Stop listening."""
        if self._controller is not None:
            self._controller.stop()
