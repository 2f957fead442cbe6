"""The lab's mailbox: takes every mail of the demo and keeps the newest, also from one start to the next."""

from __future__ import annotations

import email
import email.policy
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypedDict

import msgspec
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from devicelab.whole_file import put_whole, set_aside
from pocketward.kernel import clock

MOST_MAILS = 200
LARGEST_MAIL = 1_000_000


class Mail(TypedDict):
    """One mail; `at` is the clinic's time, ISO."""

    number: int
    at: str
    to: list[str]
    subject: str
    text: str


@dataclass
class Mailbox:
    """Mails, newest last: {number, at, to, subject, text}; kept in `file`, too, with the links in them."""

    file: Path | None = None
    mails: deque[Mail] = field(default_factory=lambda: deque(maxlen=MOST_MAILS))
    _controller: Controller | None = None
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        """Take up the mails of an earlier run; a file that cannot be read is set aside."""
        if self.file is None or not self.file.exists():
            return
        try:
            self.mails.extend(msgspec.json.decode(self.file.read_bytes(), type=list[Mail]))
        except msgspec.MsgspecError:
            set_aside(self.file)
        self._numbers = count(max((mail["number"] for mail in self.mails), default=0) + 1)

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
        if self.file is not None:
            put_whole(self.file, msgspec.json.encode(list(self.mails)))
        return "250 kept"

    def start(self, port: int) -> None:
        """Listen on loopback."""
        self._controller = Controller(self, hostname="127.0.0.1", port=port, data_size_limit=LARGEST_MAIL)
        self._controller.start()

    def stop(self) -> None:
        """Stop listening."""
        if self._controller is not None:
            self._controller.stop()
