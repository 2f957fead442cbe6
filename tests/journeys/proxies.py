"""What stands around a gate under test: a record system that says what it was told, and the proxy."""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import ssl
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from deploy import render

if TYPE_CHECKING:
    from tests.journeys.conftest import Clinic

HOST = "ehr.example.org"


def free_port() -> int:
    """A TCP port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Say which headers arrived, doubles included."""
        body = json.dumps([[name.lower(), value] for name, value in self.headers.items()]).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _stolen(clinic: Clinic, phone: str) -> Path:
    return clinic.home.parent / f"stolen-{phone.partition(' ')[0]}.pem"


def steal_identity(clinic: Clinic, phone: str) -> None:
    """Copy a phone's access certificate and key off it, as somebody does who gets into the phone."""
    _stolen(clinic, phone).write_text(clinic.phone(f"{phone}/identity")["pem"], encoding="ascii")


def thief(clinic: Clinic, phone: str, port: int = 0) -> Client:
    """Opens the records from elsewhere with the copied certificate; `port`: another proxy than the lab's."""
    at = port or clinic.world["ehr_https_port"]
    return Client(at, host="ehr.localhost", certificate=_stolen(clinic, phone))


@contextlib.contextmanager
def echo_app() -> Iterator[int]:
    """A record system that answers with the headers it got; its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_pem(path: Path, *ders: bytes) -> Path:
    """Certificates as one PEM file."""
    path.write_bytes(b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in ders))
    return path


def write_key(path: Path, der: bytes) -> Path:
    """A private key as a PEM file."""
    key = load_der_private_key(der, None)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def write_crl(path: Path, der: bytes) -> Path:
    """A revocation list as a PEM file."""
    path.write_bytes(x509.load_der_x509_crl(der).public_bytes(Encoding.PEM))
    return path


@dataclass
class Client:
    """A caller of the proxy: with a certificate or without, by name, on loopback."""

    port: int
    host: str = HOST
    certificate: Path | None = None
    key: Path | None = None
    highest: ssl.TLSVersion | None = None

    def get(self, path: str, *headers: tuple[str, str]) -> tuple[int, dict[str, str], bytes]:
        """One request on a connection of its own: status, headers, body. Headers go out as given."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if self.highest is not None:
            with warnings.catch_warnings():
                # Python warns of old TLS, which is what is tried here.
                warnings.simplefilter("ignore", DeprecationWarning)
                context.set_ciphers("DEFAULT:@SECLEVEL=0")
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = self.highest
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        lines = [f"GET {path} HTTP/1.1", f"Host: {self.host}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers]
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname=self.host) as sock,
        ):
            sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
            received = b""
            while piece := sock.recv(65536):
                received += piece
        return _split(received)

    def told(self, path: str, *headers: tuple[str, str]) -> list[tuple[str, str]]:
        """What the record system was told; the request must get through."""
        status, _, body = self.get(path, *headers)
        assert status == 200, (status, body)
        return [(name, value) for name, value in json.loads(body)]


def _split(received: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = b"".join(_chunks(body))
    return int(first.split(" ")[1]), headers, body


def _chunks(body: bytes) -> Iterator[bytes]:
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        yield rest[:length]
        body = rest[length + 2 :] if length else b""


@dataclass
class Nginx:
    """A running nginx with our rendered templates."""

    folder: Path
    process: subprocess.Popen[bytes]

    def reload(self) -> None:
        """Read configuration and revocation list again; returns when no old worker is left to answer."""
        before = self._workers()
        subprocess.run(
            ["nginx", "-e", "stderr", "-c", self.folder / "nginx.conf", "-p", self.folder, "-s", "reload"],
            check=True, capture_output=True,
        )  # fmt: skip
        until = time.monotonic() + 15
        while (not self._workers() or self._workers() & before) and time.monotonic() < until:
            time.sleep(0.02)

    def _workers(self) -> set[str]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return set(children.read_text().split())


_AROUND = """
daemon off; master_process on; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
user {user};
events {{ worker_connections 128; }}
http {{
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    access_log {folder}/access.log; default_type application/octet-stream;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    include {folder}/pocketward.conf;
}}
"""


@contextlib.contextmanager
def nginx(folder: Path, values: dict[str, Any]) -> Iterator[Nginx]:
    """nginx with the rendered templates, until the block ends."""
    render.render("nginx", values, folder)
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, user="root"))
    process = subprocess.Popen(["nginx", "-e", "stderr", "-c", folder / "nginx.conf", "-p", folder])
    try:
        wait_for_port(int(values["https_port"]), process)
        yield Nginx(folder, process)
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def caddy(folder: Path, values: dict[str, Any]) -> Iterator[None]:
    """Caddy with the rendered template, until the block ends."""
    render.render("caddy", values, folder)
    with (folder / "caddy.log").open("wb") as log:
        process = subprocess.Popen(
            ["caddy", "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"],
            env={"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
            stdout=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip
    try:
        wait_for_port(int(values["https_port"]), process)
        yield
    finally:
        process.terminate()
        process.wait(10)


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until somebody listens there; fails when the process ends first."""
    until = time.monotonic() + 15
    while time.monotonic() < until:
        assert process.poll() is None, "the proxy ended at once"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise AssertionError("the proxy does not listen")
