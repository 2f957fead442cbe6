"""A home with a small practice in it, and somebody who may open its backups."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pyrage

from tests.factories.postgres import clean_environment

SCRIPT = Path(__file__).with_name("small_practice.py")


@dataclass(frozen=True)
class Clinic:
    """A home, its practice, the digest of its evidence, and who may open its backups."""

    home: Path
    practice_id: str
    digest: str
    identity: Path
    recipient: str


def in_home(home: Path, *command: str, **more: str) -> str:
    """Run a process in a home, with more in its environment; its standard output."""
    environment = clean_environment() | more | {
        "POCKETWARD_HOME": str(home), "POCKETWARD_WORLD": "demo",
        "DJANGO_SETTINGS_MODULE": "pocketward.config.django_settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def make_clinic(home: Path, identity: Path) -> Clinic:
    """Put the small practice into a home that has a database, and an age identity into this file."""
    practice_id, digest = in_home(home, str(SCRIPT), "make").split()
    key = pyrage.x25519.Identity.generate()
    identity.write_text(f"# made by a test\n{key}\n")
    return Clinic(home, practice_id, digest, identity, str(key.to_public()))
