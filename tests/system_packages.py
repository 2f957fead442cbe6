"""System packages that the tests need: installed when root, else named in one command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))

# Debian package -> whether what it brings is here.
NEEDED: dict[str, Callable[[], bool]] = {
    "chromium": lambda: shutil.which("chromium") is not None,
    "nginx-light": lambda: shutil.which("nginx") is not None or Path("/usr/sbin/nginx").exists(),
    "postgresql": lambda: bool(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))),
    "strongswan-pki": lambda: shutil.which("pki") is not None,
    "libstrongswan-extra-plugins": lambda: bool(
        list(Path("/usr/lib/ipsec/plugins").glob("libstrongswan-curl.so"))
    ),
    # Its openssl plugin reads elliptic curves, which our authorities use.
    "libstrongswan-standard-plugins": lambda: bool(
        list(Path("/usr/lib/ipsec/plugins").glob("libstrongswan-openssl.so"))
    ),
    # For systemd-analyze, which reads the units of deploy/; nothing is started by it.
    "systemd": lambda: shutil.which("systemd-analyze") is not None,
    "caddy": lambda: shutil.which("caddy") is not None,
    "fonts-noto-core": lambda: Path("/usr/share/fonts/truetype/noto").exists(),
}


def missing() -> list[str]:
    """The packages that are not here."""
    return [name for name, here in NEEDED.items() if not here()]


def main() -> int:
    """Install what is missing when root; otherwise print the one command and stop."""
    names = missing()
    if not names:
        return 0
    command = ["apt-get", "install", "-y", "--no-install-recommends", *names]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print("The tests need some system packages. Run this once, then `make test` again:")
        print("  sudo " + " ".join(command))
        return 1
    print("Installing system packages:", " ".join(names), flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
    wait = ["-o", "DPkg::Lock::Timeout=300", "-qq"]
    subprocess.run(["apt-get", *wait, "update"], check=True, env=quiet, stdout=subprocess.DEVNULL)
    subprocess.run(["apt-get", *wait, *command[1:]], check=True, env=quiet, stdout=subprocess.DEVNULL)
    left = missing()
    if left:
        print("Still missing after installing:", " ".join(left), file=sys.stderr)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
