"""The list reaches the proxy's file whole, and the proxy is told only when it changed."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from deploy import refresh_crl
from pocketward.kernel import clock
from pocketward.pki import issuing


def make_list(number: int) -> bytes:
    """A revocation list."""
    keys = issuing.make_authority(organization="Clinic", start=clock.now())
    signer = issuing.load_signer(keys.access_der, keys.access_key)
    return issuing.make_crl(
        signer=signer, number=number, at=clock.now(), entries=[], life=issuing.LIFE["access"]
    )


class _Lists(http.server.BaseHTTPRequestHandler):
    body = b""

    def do_GET(self) -> None:
        """Hand out what there is."""
        self.send_response(200 if self.body else 503)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """A server of lists."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Lists)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/crl.crl"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_changed_list_is_written_as_pem_and_the_command_runs_once(address: str, tmp_path: Path) -> None:
    path, told = tmp_path / "access.crl.pem", tmp_path / "told"
    command = ["/bin/sh", "-c", f"echo told >> {told}"]
    for number in (1, 1, 2):
        if number == 2 or not _Lists.body:
            _Lists.body = make_list(number)
        assert refresh_crl.main([address, str(path), *command]) == 0
    assert told.read_text(encoding="ascii").splitlines() == ["told", "told"]
    found = x509.load_pem_x509_crl(path.read_bytes())
    assert found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 2
    _Lists.body = b""


@pytest.mark.parametrize("body", [b"", b"<html>an error page</html>"])
def test_anything_else_leaves_the_list_that_is_there(address: str, tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "access.crl.pem"
    path.write_bytes(b"the list of before")
    _Lists.body = body
    assert refresh_crl.main([address, str(path), "/bin/false"]) == 1
    assert path.read_bytes() == b"the list of before"
    _Lists.body = b""


def test_other_schemes_are_refused(tmp_path: Path) -> None:
    assert refresh_crl.main(["file:///etc/passwd", str(tmp_path / "x")]) == 1
