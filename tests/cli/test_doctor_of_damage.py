"""What the doctor says of a damaged database and of a certificate that no phone takes, both real."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from pocketward.cli import outside
from pocketward.cli.findings import FAIL
from pocketward.kernel import clock
from pocketward.pki import issuing
from tests.factories.databases import migrated_home


def test_a_certificate_that_phones_refuse_is_told(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = issuing.make_authority(organization="Clinic", start=clock.true_now())
    pem = tmp_path / "own.pem"
    key = load_der_private_key(authority.access_key, None)
    certificate = x509.load_der_x509_certificate(authority.access_der)
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    # A public address, said of a name that leads to this machine.
    monkeypatch.setattr(outside, "addresses", lambda host, port: ("203.0.114.7",))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def shake_hands() -> None:
            with suppress(OSError), context.wrap_socket(server.accept()[0], server_side=True):
                pass

        threads = [threading.Thread(target=shake_hands) for _ in range(2)]
        for thread in threads:
            thread.start()
        url = f"https://localhost:{server.getsockname()[1]}"
        settings.POCKETWARD = replace(settings.POCKETWARD, world="real", people_url=url, device_url=url)
        found = tuple(outside.our_addresses())
        for thread in threads:
            thread.join()
    assert [item.state for item in found] == [FAIL, FAIL]
    assert [item.sentence.partition(":")[0] for item in found] == ["People", "Phones"]
    assert all("a certificate that phones refuse" in item.sentence for item in found)
    assert all("Caddy or certbot" in item.next_step for item in found)


def damaged(home: Path, how: str) -> str:
    """What the doctor says of a small practice whose database was damaged this way."""
    (home / "keys").mkdir(mode=0o700)
    (home / "pocketward.toml").write_text('people_url = "http://localhost:8123"\n', encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("POCKETWARD", "DJANGO"))}
    file = home / "db" / "pocketward.sqlite3"
    whole = file.read_bytes()
    if how == "a page":
        # The first page has the names of the tables; what is in them is behind.
        size = int.from_bytes(whole[16:18], "big")
        place = len(whole) // size // 2 * size
        file.write_bytes(whole[:place] + b"\xff" * size + whole[place + size :])
    else:
        file.write_bytes(b"no database at all " * 1000)
    done = subprocess.run(
        [sys.executable, "-m", "pocketward.cli.main", "doctor", "--offline", "--home", str(home)],
        capture_output=True, text=True, env=kept, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    return done.stdout + done.stderr


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("how", "said"), [("a page", "SQLite finds damage"), ("all of it", "It cannot be opened")]
)
def test_a_damaged_database_is_told_with_the_advice_to_restore(tmp_path: Path, how: str, said: str) -> None:
    told = damaged(migrated_home(tmp_path / "home"), how)
    assert said in told
    assert re.search(r"Next: .*restore a backup", told)
    assert "Traceback" not in told
