"""A local push service: HTTP/2 with client certificates, one last push kept per token, as Apple's does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from devicelab.certificates import ROOT, SERVICE
from pocketward.kernel import clock
from pocketward.protocols.apns import PushError, ReceivedPush, read_push, response_body, topic_of_certificate

Wake = Callable[[str], None]
KEPT_PUSHES = 300


@dataclass
class PushService:
    """Takes pushes and wakes the phones behind their tokens.

    `dead` holds tokens that answer 410; `refuse_with` makes every push fail with this reason (a fault);
    `drop` accepts pushes and wakes nobody.
    """

    phones: dict[bytes, Wake] = field(default_factory=dict)
    dead: dict[bytes, datetime] = field(default_factory=dict)
    waiting: dict[bytes, str] = field(default_factory=dict)
    accepted: int = 0
    drop: bool = False
    refuse_with: tuple[int, str] | None = None
    # Told of the token of each push that is to wait, or waits no more.
    on_waiting: Callable[[bytes], None] = lambda token: None
    # Newest last: {number, at, token (hex), status, reason, topic, result}.
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_PUSHES))
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _server: asyncio.Server | None = None

    async def start(self, folder: Path, port: int) -> int:
        """Listen on loopback with the folder's certificates; the port."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / SERVICE)
        context.load_verify_locations(folder / ROOT)
        context.verify_mode = ssl.CERT_REQUIRED
        context.set_alpn_protocols(["h2"])
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=context)
        chosen: int = self._server.sockets[0].getsockname()[1]
        return chosen

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    def register(self, token: bytes, wake: Wake) -> None:
        """A phone listens for pushes to this token; one that waited wakes it now."""
        self.phones[token] = wake
        self.dead.pop(token, None)
        magic = self.waiting.pop(token, None)
        if magic is not None:
            wake(magic)
            self.on_waiting(token)

    def unregister(self, token: bytes, *, dead: bool) -> None:
        """The phone no longer listens: it is off, or (dead) its token is gone for ever."""
        self.phones.pop(token, None)
        if dead:
            self.dead[token] = datetime.now(UTC)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tls = writer.get_extra_info("ssl_object")
        certificate = tls.getpeercert(binary_form=True)
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        # Cancelled: the lab ends while a sender is still connected. Nobody waits for this connection's task.
        ended = (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError)
        with contextlib.suppress(h2.exceptions.ProtocolError, *ended):
            await _Session(self, connection, writer, topic_of_certificate(certificate)).run(reader)
        writer.close()

    def take(self, topic: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Judge one push and note it: (status, body)."""
        status, answer = self._judge(topic, path, headers, body)
        token = path.rpartition("/")[2].lower()
        self.log.append(
            {
                "number": next(self._numbers),
                "at": clock.now().isoformat(timespec="milliseconds"),
                "token": token,
                "topic": headers.get("apns-topic", ""),
                "status": status,
                "reason": str(json.loads(answer).get("reason", "")) if answer else "",
                "result": self._result(status, token),
            }
        )
        return status, answer

    def _result(self, status: int, token: str) -> str:
        """What became of a push, in words."""
        if status != 200:
            return "refused"
        with contextlib.suppress(ValueError):
            if bytes.fromhex(token) in self.waiting:
                return "kept until the phone is back"
        return "woke the phone"

    def _judge(self, topic: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if self.refuse_with is not None:
            return self.refuse_with[0], response_body(self.refuse_with[1])
        try:
            push = read_push(path, headers, body)
        except PushError as error:
            return 400, response_body(getattr(error, "reason", "BadDeviceToken"))
        if push.topic != topic:
            return 400, response_body("TopicDisallowed")
        if push.token in self.dead:
            return 410, response_body("Unregistered", self.dead[push.token])
        return self._deliver(push)

    def _deliver(self, push: ReceivedPush) -> tuple[int, bytes]:
        wake = self.phones.get(push.token)
        if wake is None and push.token not in self.known_tokens():
            return 400, response_body("BadDeviceToken")
        self.accepted += 1
        if wake is None or self.drop:
            self.waiting[push.token] = push.push_magic
            self.on_waiting(push.token)
        else:
            wake(push.push_magic)
        return 200, b""

    def known_tokens(self) -> set[bytes]:
        """Tokens of phones that are switched off."""
        return self._sleeping

    _sleeping: set[bytes] = field(default_factory=set)

    def sleep(self, token: bytes) -> None:
        """The phone is off: pushes to it wait, the newest only."""
        self.phones.pop(token, None)
        self._sleeping.add(token)


@dataclass
class _Session:
    service: PushService
    connection: h2.connection.H2Connection
    writer: asyncio.StreamWriter
    topic: str
    requests: dict[int, tuple[dict[str, str], bytearray]] = field(default_factory=dict)

    async def run(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65_536):
            for event in self.connection.receive_data(data):
                self._handle(event)
            self.writer.write(self.connection.data_to_send())
            await self.writer.drain()

    def _handle(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.RequestReceived):
            headers = {_text(name): _text(value) for name, value in event.headers}
            self.requests[event.stream_id] = (headers, bytearray())
        elif isinstance(event, h2.events.DataReceived):
            self.requests[event.stream_id][1].extend(event.data)
            self.connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            headers, body = self.requests.pop(event.stream_id)
            status, answer = self.service.take(self.topic, headers.get(":path", ""), headers, bytes(body))
            self.connection.send_headers(event.stream_id, [(":status", str(status))], end_stream=not answer)
            if answer:
                self.connection.send_data(event.stream_id, answer, end_stream=True)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
