"""Fetches the revocation list of access identities for a proxy, and has it read again if it changed.

    python deploy/refresh_crl.py http://127.0.0.1:8000/device/prac_…/crl.crl /path/access.crl.pem \
        systemctl try-reload-or-restart nginx

The list is the second line behind the gate's hold. It is valid for a day, so a few missed rounds do no harm;
a proxy whose list has ended refuses every certificate. Only the standard library is used.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import textwrap
import urllib.request
from pathlib import Path

MOST_BYTES = 16 * 1024 * 1024
SECONDS = 20


def fetch(url: str) -> bytes:
    """The list in DER; ValueError when what came is none."""
    if not url.startswith(("http://", "https://")):
        raise ValueError("the address must begin with http:// or https://")
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - the scheme was checked
        data: bytes = answer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES or data[:1] != b"\x30":
        raise ValueError("the answer is no revocation list")
    return data


def as_pem(der: bytes) -> bytes:
    """What proxies read."""
    text = "\n".join(textwrap.wrap(base64.b64encode(der).decode("ascii"), 64))
    return f"-----BEGIN X509 CRL-----\n{text}\n-----END X509 CRL-----\n".encode("ascii")


def keep(pem: bytes, path: Path) -> bool:
    """Replace the file at once and whole, if its content differs; whether it did."""
    if path.exists() and path.read_bytes() == pem:
        return False
    scratch = path.with_name(path.name + ".new")
    with scratch.open("wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    return True


def main(arguments: list[str]) -> int:
    """`refresh_crl.py URL FILE [COMMAND …]`; the command runs only after a change."""
    if len(arguments) < 2:
        print("usage: refresh_crl.py URL FILE [COMMAND ...]", file=sys.stderr)
        return 2
    url, path, *command = arguments
    try:
        changed = keep(as_pem(fetch(url)), Path(path))
    except (OSError, ValueError) as error:
        print(f"The revocation list was not refreshed: {error}.", file=sys.stderr)
        return 1
    if changed and command:
        return subprocess.run(command, check=False).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
