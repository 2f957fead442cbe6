"""From a committed hold to the gate's first refusal, in one process and across processes.

A client asks the gate without pause; the clock starts when the verb that places the hold has returned, so a
refusal seen before that counts as zero. SQLite in a home of its own, the shipped reader, the shipped nudge.
"""

from __future__ import annotations

import contextlib
import http.client
import multiprocessing
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

RUNS = 60
LIMITS_MS = {"gate.lost_in_process": 50.0, "gate.lost_across_processes": 300.0}
SECRET = "proxy-secret-of-this-install"


def _make_gate(home: Path) -> Any:
    from pocketward.config.snapshot_readers import SqliteReader
    from pocketward.gate.process import GateOptions, build_gate

    options = GateOptions(
        people_url="http://localhost", proxy_secret=SECRET, segments=home / "db" / "decisions",
        nudge_path=home / "run" / f"gate-{os.getpid()}.nudge",
    )  # fmt: skip
    return build_gate(options, SqliteReader(home / "db" / "pocketward.sqlite3"))


def _gate_process(home: str, pipe: Connection) -> None:
    from pocketward.gate.process import serve

    stop = threading.Event()

    def wait_for_end() -> None:
        with contextlib.suppress(EOFError, OSError):
            pipe.recv()
        stop.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    serve(_make_gate(Path(home)), stop=stop, listening=pipe.send)


@contextlib.contextmanager
def other_process(home: Path) -> Iterator[int]:
    """A gate in a process of its own; its port."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_gate_process, args=(str(home), theirs))
    process.start()
    try:
        if not ours.poll(20):
            raise RuntimeError("the gate did not start")
        yield int(ours.recv())
    finally:
        with contextlib.suppress(OSError):
            ours.send("end")
        process.join(10)


@contextlib.contextmanager
def this_process(home: Path) -> Iterator[int]:
    """A gate on a thread of this process; its port."""
    from pocketward.gate.process import serve

    stop, opened, ports = threading.Event(), threading.Event(), []

    def listening(port: int) -> None:
        ports.append(port)
        opened.set()

    thread = threading.Thread(
        target=serve, args=(_make_gate(home),), kwargs={"stop": stop, "listening": listening}
    )
    thread.start()
    try:
        if not opened.wait(20):
            raise RuntimeError("the gate did not start")
        yield ports[0]
    finally:
        stop.set()
        thread.join(10)


class Asker(threading.Thread):
    """Asks again and again, every `pause` seconds or without pause, and notes when the answer turned."""

    def __init__(self, port: int, headers: dict[str, str], pause: float = 0.0) -> None:
        super().__init__(daemon=True)
        self._pause = pause
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        self._headers = headers
        self.ended = threading.Event()
        self.status = 0
        self.turned_at = 0.0

    def run(self) -> None:
        """Ask until told to end."""
        while not self.ended.is_set():
            self._connection.request("GET", "/auth-request", headers=self._headers)
            answer = self._connection.getresponse()
            answer.read()
            if answer.status != self.status:
                self.status, self.turned_at = answer.status, time.perf_counter()
            if self._pause:
                time.sleep(self._pause)

    def wait_for(self, status: int) -> float:
        """When the answer became this one."""
        until = time.perf_counter() + 10
        while self.status != status:
            if time.perf_counter() > until:
                raise RuntimeError(f"the gate still answers {self.status}")
            time.sleep(0.0005)
        return self.turned_at


def _clinic() -> tuple[Any, Any, str]:
    """A practice with one healthy phone and an app, committed; practice, phone, the session's cookie."""
    from pocketward.access import api as access
    from pocketward.practice import api as practice_api
    from pocketward.spine.api import practice_scope
    from pocketward.spine.keys import make_master_key
    from tests.access.clinic import Phone, register_ehr, sign_in

    make_master_key()
    practice_api.be_born(world="demo")
    practice = practice_api.create_practice(name="Bench Clinic", by="system:bench")
    with practice_scope(practice.id):
        access.prepare_practice(practice_id=practice.id, by="system:bench")
        member = practice_api.add_member(
            practice_id=practice.id, full_name="Ben Sample", email="ben@example.org",
            role_names=("clinician",), by="system:bench",
        )  # fmt: skip
        app_id, phone = register_ehr(practice), Phone(practice, member)
        phone.report()
        return practice, phone, sign_in(member, app_id, phone)


def _measure(port: int, practice: Any, phone: Any, token: str) -> list[float]:
    from pocketward.access import api as access
    from pocketward.spine.api import practice_scope

    headers = {
        "pocketward-proxy-secret": SECRET, "x-forwarded-host": "ehr.example.org", "x-forwarded-uri": "/notes",
        "x-forwarded-method": "GET", "x-forwarded-for": "192.0.2.7", "cookie": f"pocketward_gate={token}",
        "pocketward-client-certificate": phone.header.decode(),
    }  # fmt: skip
    asker, waits = Asker(port, headers), []
    asker.start()
    try:
        with practice_scope(practice.id):
            for number in range(RUNS):
                asker.wait_for(204)
                access.place_hold(
                    practice_id=practice.id, device_ids=(phone.device_id,), case_ref=f"case_{number}",
                    by="system:bench", reason="reported lost",
                )  # fmt: skip
                committed = time.perf_counter()
                waits.append(max(0.0, asker.wait_for(403) - committed) * 1000)
                access.lift_hold(practice_id=practice.id, case_ref=f"case_{number}", by="system:bench")
                phone.tell()  # records open again once it has told its state afresh
    finally:
        asker.ended.set()
        asker.join(5)
    return waits


def run(say: Callable[[str], None] = print) -> list[dict[str, Any]]:
    """Measure both; one record each, p99 in milliseconds. Needs a process without Django set up yet."""
    records = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"POCKETWARD_HOME": folder, "POCKETWARD_WORLD": "demo"}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pocketward.config.django_settings")
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        practice, phone, token = _clinic()
        for name, gate in (
            ("gate.lost_in_process", this_process), ("gate.lost_across_processes", other_process),
        ):  # fmt: skip
            with gate(Path(folder)) as port:
                waits = _measure(port, practice, phone, token)
            p99, limit = statistics.quantiles(waits, n=100)[98], LIMITS_MS[name]
            records.append(
                {
                    "name": name, "value": round(p99, 2), "unit": "ms p99", "against": limit,
                    "ratio": round(p99 / limit, 3), "limit": 1.0, "runs": RUNS, "ok": p99 <= limit,
                }
            )  # fmt: skip
            say(f"{name:<28} {p99:8.2f} ms p99, median {statistics.median(waits):.2f}, limit {limit}")
    return records


if __name__ == "__main__":
    run()
