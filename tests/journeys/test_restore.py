"""A server dies; another folder carries on from its backup with the same phones, which notice nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest

from tests.journeys.conftest import ROOT, Clinic, wait_for
from tests.journeys.people import Person

BEN, ANA, TABLET = "Ben's iPhone", "Ana's iPhone", "Rounds iPad 1"
PHONES = (BEN, ANA, TABLET)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A clinic whose lab is a process of its own, so that the phones outlive the server."""
    home = tmp_path_factory.mktemp("restore") / "home"
    clinic = Clinic(home, "--phones", ",".join(PHONES), "--without-lab")
    path = os.pathsep.join(str(ROOT / part) for part in ("src", "lab/src"))
    lab = subprocess.Popen(
        [sys.executable, "-m", "devicelab", "--world", str(home / "lab" / "world.json")],
        env=os.environ | {"PYTHONPATH": path},
    )
    try:
        yield clinic
    finally:
        clinic.stop()
        lab.terminate()
        lab.wait(20)


def asked_and_answered(clinic: Clinic, officer: Person, label: str) -> bool:
    """Ask a phone how it is, by its page's button; whether it has answered anew."""
    before = len(clinic.phone(label)["answered"])
    page = officer.browser.get(f"/p/{officer.slug}/phones/", params={"q": label})
    found = re.search(rf"/p/{officer.slug}/phones/(dev_[0-9a-z]+)/", page.text)
    assert found, page.text[:2000]
    answer = officer.post(officer.browser.get(found[0]), f"{found[0]}check/")
    assert answer.status_code == 200, answer.text[:800]
    return bool(wait_for(lambda: len(clinic.phone(label)["answered"]) > before, f"{label} to answer"))


@pytest.mark.acceptance("S206", part="same-version")
def test_a_restored_server_carries_on_with_every_phone_and_an_older_backup_is_refused(
    first: Clinic, tmp_path: Path
) -> None:
    for label in PHONES:
        wait_for(lambda label=label: first.phone(label)["has_access_identity"], f"{label} to join", 60)
    ben, dana = Person(first, "Ben Sample"), Person(first, "Dana Example")
    ben.join()
    dana.join()
    wait_for(lambda: "org.example.harbor-records" in first.phone(BEN)["managed_apps"], "Ben's app")
    enrolled = first.read("SELECT id, serial FROM fleet_device ORDER BY id")
    home = restored_elsewhere(first, tmp_path)
    second = Clinic(home, "--without-lab", world=first.home / "lab" / "world.json")
    try:
        carries_on(second, ben, dana)
        assert second.read("SELECT id, serial FROM fleet_device ORDER BY id") == enrolled
    finally:
        second.stop()
        ben.browser.close()
        dana.browser.close()


def restored_elsewhere(first: Clinic, folder: Path) -> Path:
    """Back up, kill the server, back its disk up and restore that elsewhere; the older backup is refused."""
    identity = pyrage.x25519.Identity.generate()
    keys = folder / "identity.txt"
    keys.write_text(f"{identity}\n", encoding="ascii")
    recipient = str(identity.to_public())

    early, late, home = folder / "early.age", folder / "late.age", folder / "elsewhere"
    made = first.command("backup", str(early), "--recipient", recipient)
    assert made.returncode == 0, made.stdout + made.stderr
    wait_for(lambda: first.sealed("ledger.backup_made"), "the backup to be sealed")
    first.process.kill()
    first.process.wait()

    checkpoint = next((first.home / "ledger").glob("*/last-checkpoint"))
    kept = folder / "last-checkpoint"
    kept.write_bytes(checkpoint.read_bytes())
    restore = ("--identity", str(keys), "--newer-than", str(kept))
    refused = first.command_at(home, "restore", str(early), *restore)
    assert refused.returncode == 5, refused.stdout + refused.stderr
    assert "ledger entries" in refused.stderr
    assert not home.exists()
    # The disk survived the server: what it holds is the newest, and is taken.
    made = first.command("backup", str(late), "--recipient", recipient)
    assert made.returncode == 0, made.stdout + made.stderr
    done = first.command_at(home, "restore", str(late), *restore)
    assert done.returncode == 0, done.stdout + done.stderr
    return home


def carries_on(second: Clinic, ben: Person, dana: Person) -> None:
    """Every phone answers the restored server, records open, and the ledger goes on and verifies."""
    dana.clinic = ben.clinic = second
    dana.sign_in(f"/p/{dana.slug}/")
    for label in PHONES:
        assert asked_and_answered(second, dana, label)
    ben.sign_in_to_records(BEN)
    assert second.act(BEN, "open", path="/notes", cookie=ben.cookie)["status"] == 200
    assert wait_for(lambda: second.sealed("ledger.backup_restored"), "the restoring to be sealed")
    verified = second.command("ledger", "verify", "--demo")
    assert verified.returncode == 0, verified.stdout + verified.stderr
