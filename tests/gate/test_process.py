"""The gate over real sockets: TCP with a nudge, and a Unix socket."""

from __future__ import annotations

import http.client
import socket
import threading
from pathlib import Path

from pocketward.gate.process import GateOptions, build_gate, serve
from pocketward.gate.segments import (
    RepeatEntry,
    finished_segments,
    read_segment,
)
from tests.gate.facts import (
    SECRET,
    ListStore,
    changed,
    row,
)
from tests.gate.running import (
    LIVE_PHONE,
    asked,
    live_rows,
)


def test_it_is_served_over_tcp_with_a_nudge_and_without_telling_what_it_is(tmp_path: Path) -> None:
    store = ListStore(live_rows())
    nudge = tmp_path / "run" / "gate-1.nudge"
    gate = build_gate(
        GateOptions("http://localhost", SECRET, tmp_path / "d", poll_seconds=30, nudge_path=nudge), store
    )
    stop, opened, ports = threading.Event(), threading.Event(), []

    def listening(port: int) -> None:
        ports.append(port)
        opened.set()

    thread = threading.Thread(target=serve, args=(gate,), kwargs={"stop": stop, "listening": listening})
    thread.start()
    try:
        assert opened.wait(10)
        connection = http.client.HTTPConnection("127.0.0.1", ports[0], timeout=5)
        headers = {name.decode(): value.decode() for name, value in asked()}

        def status() -> int:
            connection.request("GET", "/auth-request", headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.getheader("server") is None
            return answer.status

        assert [status() for _ in range(3)] == [204, 204, 204]
        store.rows.append(row("device", "device-1", changed(LIVE_PHONE, lost=True), 5))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"1", str(nudge))
        wait = threading.Event()
        for _ in range(200):
            if status() == 403:
                break
            wait.wait(0.01)
        assert status() == 403
        connection.close()
    finally:
        stop.set()
        thread.join(10)
    assert not nudge.exists()
    entries = [e for path in finished_segments(tmp_path / "d") for e in read_segment(path).entries]
    assert any(isinstance(entry, RepeatEntry) for entry in entries)


def test_a_unix_socket_is_trusted_without_the_secret(tmp_path: Path) -> None:
    path = tmp_path / "gate.sock"
    options = GateOptions("http://localhost", "", tmp_path / "d", is_trusted_socket=True)
    gate = build_gate(options, ListStore(live_rows()))
    stop, opened = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=serve,
        args=(gate,),
        kwargs={"stop": stop, "unix_socket": path, "listening": lambda _port: opened.set()},
    )
    thread.start()
    try:
        assert opened.wait(10)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            lines = b"".join(b"%b: %b\r\n" % item for item in asked(pocketward_proxy_secret=None))
            client.sendall(b"GET /auth-request HTTP/1.1\r\nhost: gate\r\n" + lines + b"\r\n")
            assert client.recv(4096).startswith(b"HTTP/1.1 204")
    finally:
        stop.set()
        thread.join(10)
