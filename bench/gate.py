"""Gate decisions against a raw ASGI app that only answers 204: requests per CPU-second, in the same run.

Each server is a process of its own under the same uvicorn settings; a client in this process keeps a few
connections full of pipelined-by-turn requests. CPU time of the server process is read from the system, so
the client's own cost does not count. Rounds alternate; the ratio is the median of the rounds' own. Fifty
phones with their own certificates and sessions take turns, and one phone of the practice checks in before
each of the gate's polls, ten times a second: what that one was answered is decided anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import hashlib
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
from urllib.parse import quote

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pocketward.gate.language import default_rules, write_rules
from pocketward.gate.process import GateOptions, build_gate, serve
from pocketward.gate.records import (
    AppFacts,
    CheckFacts,
    DeviceFacts,
    PathFacts,
    PersonFacts,
    PracticeFacts,
    SessionFacts,
)
from pocketward.gate.snapshot import Changes, Row
from pocketward.kernel.startup import settle

LIMIT = 0.7
CONNECTIONS = 16
PAGES = 4
SECRET = "bench-secret-of-this-install"
PHONES = 50
PRACTICE = "11111111-1111-7111-8111-111111111111"


async def only_204(scope: Any, receive: Any, send: Any) -> None:
    """The least an ASGI app can do."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def make_certificates() -> tuple[str, list[tuple[bytes, str]]]:
    """A root in PEM, and for each phone its certificate as nginx passes it, with its fingerprint."""
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("root", root_key, root_key)
    phones = []
    for number in range(PHONES):
        made = _certificate(f"phone-{number}", ec.generate_private_key(ec.SECP256R1()), root_key)
        der = made.public_bytes(serialization.Encoding.DER)
        pem = made.public_bytes(serialization.Encoding.PEM).decode()
        phones.append((quote(pem).encode(), hashlib.sha256(der).hexdigest()))
    return root.public_bytes(serialization.Encoding.PEM).decode(), phones


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, root: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    now, is_root = datetime.datetime.now(datetime.UTC), key is root
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
    )
    if not is_root:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
    return builder.sign(root, hashes.SHA256())


class BenchStore:
    """One practice of a thousand phones, one of which checks in before every poll."""

    def __init__(self, root: str, fingerprints: list[str]) -> None:
        self.rows = tuple(_rows(root, fingerprints, int(time.time())))
        self.devices = [row for row in self.rows if row.kind == "device"]
        self.polls = 1

    def poll(self, cursor: bytes | None) -> Changes:
        """Everything once, then one device's row in a new version."""
        if cursor is None:
            return Changes(self.rows, b"1")
        self.polls += 1
        changed = self.devices[self.polls % len(self.devices)]._replace(version=self.polls)
        return Changes((changed,), b"1")

    def close(self) -> None:
        """Nothing is held."""


def _rows(root: str, fingerprints: list[str], now: int) -> Iterator[Row]:
    def made(kind: str, key: str, record: Any) -> Row:
        return Row(PRACTICE, kind, key, 1, False, msgspec.json.encode(record))

    names = ("passcode_set", "passcode_meets_profile", "data_protection", "os_supported", "os_patched")
    checks = tuple(CheckFacts(name, "pass", "", now - 60, 86_400) for name in names)
    yield made("practice", PRACTICE, PracticeFacts(PRACTICE, "Bench", "UTC", authorities=(root,)))
    paths = (PathFacts("/notes", "notes"), PathFacts("/", "calendar"))
    yield made("app", "app", AppFacts("app", PRACTICE, "EHR", ("ehr.example.org",), paths))
    yield Row(PRACTICE, "rules", "rules", 1, False, write_rules(default_rules()))
    for number in range(1000):
        member, device = f"member-{number}", f"device-{number}"
        shown = fingerprints[number] if number < PHONES else f"{number:064x}"
        yield made("person", member, PersonFacts(member, PRACTICE, True, ("clinician",)))
        yield made(
            "device", device,
            DeviceFacts(
                device, PRACTICE, "compliant", "iphone", checks, now + 86_400, now - 60, holder=member,
                fingerprints=(shown,), certificate_state="valid",
            ),
        )  # fmt: skip
        token = hashlib.sha256(_token(number)).hexdigest()
        session = SessionFacts(token, PRACTICE, member, "app", "passkey", now - 60, now + 86_400, device)
        yield made("session", token, session)


def _token(number: int) -> bytes:
    return b"%026d" % number


def make_requests(phones: list[tuple[bytes, str]]) -> list[bytes]:
    """What nginx asks for each phone, of a few pages; phones take turns."""
    return [
        b"GET /auth-request HTTP/1.1\r\nhost: gate\r\nx-forwarded-host: ehr.example.org\r\n"
        b"x-forwarded-uri: /notes/page-%d\r\nx-forwarded-method: GET\r\nx-forwarded-for: 192.0.2.%d\r\n"
        b"pocketward-proxy-secret: %b\r\ncookie: pocketward_gate=%b\r\n"
        b"pocketward-client-certificate: %b\r\n\r\n" % (page, number, SECRET.encode(), _token(number), header)
        for page in range(PAGES)
        for number, (header, _fingerprint) in enumerate(phones)
    ]


def _serve(kind: str, pipe: Connection, folder: str, root: str, fingerprints: list[str]) -> None:
    stop = threading.Event()

    def wait_for_end() -> None:
        with contextlib.suppress(EOFError, OSError):
            pipe.recv()
        stop.set()

    app: Any = only_204
    if kind == "gate":
        options = GateOptions("http://localhost", SECRET, Path(folder) / "decisions")
        app = build_gate(options, BenchStore(root, fingerprints))
    threading.Thread(target=wait_for_end, daemon=True).start()
    settle()  # as the gate process does before it serves; the peer gets the same
    serve(app, stop=stop, listening=pipe.send)


@contextlib.contextmanager
def running(kind: str, folder: str, root: str, fingerprints: list[str]) -> Iterator[tuple[int, int]]:
    """A server process; its pid and port."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(kind, theirs, folder, root, fingerprints))
    process.start()
    try:
        if not ours.poll(20):
            raise RuntimeError(f"the {kind} server did not start")
        yield int(process.pid or 0), int(ours.recv())
    finally:
        with contextlib.suppress(OSError):
            ours.send("end")
        process.join(10)
        if process.is_alive():
            process.kill()


def cpu_seconds(pid: int) -> float:
    """CPU time a process has used, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _client(port: int, requests: list[bytes], until: float, waits: list[float]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    done = 0
    try:
        while time.perf_counter() < until:
            began = time.perf_counter()
            writer.write(requests[done % len(requests)])
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 204"):
                raise RuntimeError(answer.decode("latin-1"))
            waits.append(time.perf_counter() - began)
            done += 1
    finally:
        writer.close()
    return done


async def _load(port: int, requests: list[bytes], seconds: float, waits: list[float]) -> int:
    until = time.perf_counter() + seconds
    return sum(await asyncio.gather(*(_client(port, requests, until, waits) for _ in range(CONNECTIONS))))


def measure(pid: int, port: int, requests: list[bytes], seconds: float) -> tuple[float, float]:
    """Requests per CPU-second of the server, and the p95 wait in milliseconds."""
    waits: list[float] = []
    before = cpu_seconds(pid)
    done = asyncio.run(_load(port, requests, seconds, waits))
    used = cpu_seconds(pid) - before
    return done / used, statistics.quantiles(waits, n=20)[18] * 1000


def run(seconds: float = 1.5, rounds: int = 9, say: Callable[[str], None] = print) -> list[dict[str, Any]]:
    """Measure; one record each for cost and wait."""
    root, phones = make_certificates()
    requests, fingerprints = make_requests(phones), [fingerprint for _header, fingerprint in phones]
    found: dict[str, list[tuple[float, float]]] = {"gate": [], "raw": []}
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        servers = {
            kind: stack.enter_context(running(kind, folder, root, fingerprints)) for kind in ("raw", "gate")
        }
        for pid, port in servers.values():
            measure(pid, port, requests, 0.5)
        for _ in range(rounds):
            for kind, (pid, port) in servers.items():
                found[kind].append(measure(pid, port, requests, seconds))
    gate, raw = (statistics.median(rate for rate, _ in found[kind]) for kind in ("gate", "raw"))
    p95, raw_p95 = (statistics.median(wait for _, wait in found[kind]) for kind in ("gate", "raw"))
    # Each round's own ratio: another process that takes the machine slows both of a round.
    pairs = zip(found["gate"], found["raw"], strict=True)
    ratio = statistics.median(ours / theirs for (ours, _), (theirs, _) in pairs)
    records = [
        {
            "name": "gate.decisions", "value": round(gate), "unit": "requests/CPU-s", "against": round(raw),
            "ratio": round(ratio, 3), "limit": LIMIT, "runs": rounds, "ok": ratio >= LIMIT,
        },
        {
            "name": "gate.p95", "value": round(p95, 2), "unit": "ms", "against": round(raw_p95, 2),
            "ratio": round(p95 / raw_p95, 3), "limit": None, "runs": rounds, "ok": True,
        },
    ]  # fmt: skip
    for record in records:
        say(f"{record['name']:<20} {record['value']:>10} {record['unit']:<16} against {record['against']:>10}"
            f"  ratio {record['ratio']}")  # fmt: skip
    return records


if __name__ == "__main__":
    run()
