"""A record system's own host: a TLS server on loopback to which the browser resolves its name."""

from __future__ import annotations

import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

NAME = "ehr.example.org"
PAGE = b"<!doctype html><title>Records</title><h1>Records</h1>"


@dataclass
class RecordHost:
    """What the host was asked for, oldest first, and the browser's option that leads there."""

    port: int
    asked: list[str] = field(default_factory=list)

    @property
    def browser_option(self) -> str:
        """Playwright takes a redirect over only most of the time; the browser's own resolver always does."""
        return f"--host-resolver-rules=MAP {NAME}:443 127.0.0.1:{self.port}"


@contextmanager
def served() -> Iterator[RecordHost]:
    """The host, served by threads of this process until the block ends."""
    host = RecordHost(0)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append(f"https://{NAME}{self.path}")
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        host.port = server.server_port
        server.socket = _own_certificate().wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield host
        server.shutdown()
        thread.join()


def _own_certificate() -> ssl.SSLContext:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    pem = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    pem += key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        (path := Path(folder) / "host.pem").write_bytes(pem)
        context.load_cert_chain(path)
    return context
