"""The doctor names what is wrong and the next step, and stops at nothing."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from devicelab.mailbox import Mailbox
from django.db import connection

from pocketward.cli import doctor, inside, outside
from pocketward.cli.findings import FAIL, OK, WARN, Finding, ok
from pocketward.fleet import api as fleet
from pocketward.kernel import clock
from pocketward.kernel.errors import PocketwardError
from pocketward.kernel.settings import MailSettings, PushSettings
from pocketward.ledger import api as ledger
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import open_task
from pocketward.spine.keys import forget_keys
from tests.fleet.apple import push_certificates


def only(check: Callable[[], Iterator[Finding]], state: str) -> Finding:
    """The one finding of a check, which must be in this state."""
    (finding,) = tuple(check())
    assert finding.state == state, finding
    assert bool(finding.next_step) == (state != OK)
    return finding


@contextmanager
def listening(answer: bytes = b"") -> Iterator[int]:
    """A TCP port that accepts, says `answer`, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    peer.sendall(answer)
                    peer.recv(100)
                    peer.sendall(b"250 ok\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


# --- inside --------------------------------------------------------------------------------------


def test_a_sound_installation_is_told_so(practice: PracticeRecord, owner: Member) -> None:
    ledger.seal_pending()
    for check in (inside.database, inside.keys, inside.walls, inside.disk, inside.ledger):
        only(check, OK)


def test_a_row_that_points_into_another_practice_is_found(practice: PracticeRecord, owner: Member) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type='trigger' AND name GLOB 'pw_practice_*'")
        triggers = [row[0] for row in cursor.fetchall()]
        cursor.execute("PRAGMA defer_foreign_keys = ON")
        for name in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute("UPDATE practice_roleassignment SET practice_id = %s", [uuid4().hex])
        found = tuple(inside.walls())
        cursor.execute("UPDATE practice_roleassignment SET practice_id = %s", [practice.id.hex])
    assert any(item.state == FAIL and "another practice" in item.sentence for item in found)
    assert any(item.state == FAIL and "rules are missing" in item.sentence for item in found)


def test_a_missing_open_or_wrong_master_key_is_found(practice: PracticeRecord, home: Path) -> None:
    ledger.seal_pending()
    path = inside.settings.POCKETWARD.home / "keys" / "master.key"
    good = path.read_bytes()
    path.chmod(0o644)
    assert "Others can read" in next(iter(inside.keys())).sentence
    path.chmod(0o600)
    path.write_bytes(bytes(32))
    forget_keys()
    assert "does not open" in only(inside.keys, FAIL).sentence
    path.unlink()
    assert "missing" in only(inside.keys, FAIL).sentence
    path.write_bytes(good)
    path.chmod(0o600)
    forget_keys()
    only(inside.keys, OK)


def test_a_clock_behind_what_was_recorded_is_found(practice: PracticeRecord) -> None:
    with clock.frozen(datetime.now(UTC) - timedelta(days=3)):
        assert "later than this machine's clock" in only(inside.time, FAIL).sentence


def test_an_edited_fact_is_told_with_its_entry(practice: PracticeRecord, owner: Member) -> None:
    ledger.seal_pending()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE spine_event SET actor = 'member:nobody' WHERE seq = (SELECT max(seq) FROM spine_event)"
        )
    found = only(inside.ledger, FAIL)
    assert "CHANGED" in found.sentence and "First bad entry" in found.sentence


def test_a_sealer_that_sleeps_is_noticed(practice: PracticeRecord, owner: Member) -> None:
    with clock.frozen(datetime.now(UTC) - timedelta(hours=1)):
        ledger.seal_pending(limit=1)
    assert "behind" in only(inside.ledger, WARN).sentence


def test_a_practice_without_a_push_certificate_is_told_what_to_do(practice: PracticeRecord) -> None:
    assert "no Apple push certificate" in only(inside.push, WARN).sentence


@pytest.mark.parametrize(
    ("days_left", "state", "said"),
    [(31, OK, "(31 days)"), (29, WARN, "(29 days)"), (0, WARN, "(0 days)"), (-1, FAIL, "(-1 days)")],
)
def test_a_push_certificate_is_told_well_before_and_after_its_end(
    practice: PracticeRecord, days_left: int, state: str, said: str
) -> None:
    push_certificates.upload(practice.id)
    kept = fleet.push_certificate(practice_id=practice.id)
    assert kept is not None
    with clock.frozen(kept.not_after - timedelta(days=days_left, hours=1)):
        finding = only(inside.push, state)
    assert said in finding.sentence
    assert f"ends on {kept.not_after:%Y-%m-%d}" in finding.sentence
    assert state == OK or "same Apple account" in finding.next_step


def test_open_tasks_are_repeated(practice: PracticeRecord) -> None:
    assert tuple(inside.tasks()) == ()
    open_task(practice.id, "x", "A background job gave up: fleet.push.")
    assert "gave up" in only(inside.tasks, WARN).sentence


def test_little_room_is_a_warning(practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "LEAST_FREE_SHARE", 1.1)
    assert "Only" in only(inside.disk, WARN).sentence


def test_the_kill_switch_is_explained(
    practice: PracticeRecord, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "None is set" in only(inside.kill_switch, WARN).sentence
    settings.POCKETWARD = replace(settings.POCKETWARD, kill_switch_file=tmp_path / "stop")
    monkeypatch.setattr("os.access", lambda path, mode: False)
    only(inside.kill_switch, OK)
    (tmp_path / "stop").touch()
    assert "no erase leaves" in only(inside.kill_switch, WARN).sentence
    monkeypatch.setattr("os.access", lambda path, mode: True)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "lift its own stop" in only(inside.kill_switch, FAIL).sentence


def test_a_kill_switch_that_is_a_broken_link_or_cannot_be_looked_at_counts_as_pulled(
    practice: PracticeRecord, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    (tmp_path / "stop").symlink_to(tmp_path / "nowhere")
    settings.POCKETWARD = replace(settings.POCKETWARD, kill_switch_file=tmp_path / "stop")
    assert "exists: no erase leaves" in only(inside.kill_switch, WARN).sentence
    (tmp_path / "file").touch()
    settings.POCKETWARD = replace(settings.POCKETWARD, kill_switch_file=tmp_path / "file" / "stop")
    assert "cannot be looked at: no erase leaves" in only(inside.kill_switch, WARN).sentence


def test_a_home_that_cannot_be_written_is_told(
    practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    found = only(inside.disk, FAIL)
    assert "cannot be written" in found.sentence and found.next_step.startswith("Give it to the user")


def test_a_schema_of_another_version_is_told(practice: PracticeRecord) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'overview'")
    found = only(inside.database, FAIL)
    assert "migrations are not applied" in found.sentence and "Start the server" in found.next_step


def test_a_database_role_that_reads_past_the_walls_is_told(
    practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inside, "passes_row_security", lambda: True)
    found = only(inside.walls, FAIL)
    assert "past row security" in found.sentence and "BYPASSRLS" in found.next_step


def kernel_that_says(status: int, answer: int = 0) -> Any:
    """A C library whose adjtimex reports this status."""

    def adjtimex(pointer: Any) -> int:
        pointer._obj.status = status
        return answer

    return lambda name: SimpleNamespace(adjtimex=adjtimex)


def test_whether_the_clock_is_steered_is_asked_of_the_kernel(
    practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert inside.clock_is_steered() in (True, False, None)
    monkeypatch.setattr(inside.ctypes, "CDLL", kernel_that_says(0x2001))
    assert inside.clock_is_steered() is True
    only(inside.time, OK)
    monkeypatch.setattr(inside.ctypes, "CDLL", kernel_that_says(0x2041))
    assert "Nothing keeps" in only(inside.time, WARN).sentence
    monkeypatch.setattr(inside.ctypes, "CDLL", kernel_that_says(0, answer=-1))
    assert inside.clock_is_steered() is None
    only(inside.time, OK)


# --- outside -------------------------------------------------------------------------------------


def test_an_address_that_answers_is_told_so() -> None:
    with listening() as port:
        assert outside.reachable("demo", f"http://localhost:{port}", "People").state == OK


def test_an_address_without_a_name_a_listener_or_a_public_network_is_told_why() -> None:
    assert "no address" in outside.reachable("real", "https://clinic.invalid", "Phones").sentence
    assert "does not answer" in outside.reachable("demo", f"http://127.0.0.1:{closed_port()}", "P").sentence
    assert "cannot dial" in outside.reachable("real", "https://127.0.0.1", "Phones").sentence


def test_a_listener_that_is_not_tls_is_told() -> None:
    with listening(b"hello") as port:
        assert outside.reachable("demo", f"https://localhost:{port}", "Phones").state == FAIL


def test_the_push_service_is_dialled(settings: Any) -> None:
    with listening() as port:
        push = PushSettings(host="127.0.0.1", port=port)
        settings.POCKETWARD = replace(settings.POCKETWARD, push=push)
        only(outside.apple, OK)
    settings.POCKETWARD = replace(settings.POCKETWARD, push=replace(push, port=closed_port()))
    assert "cannot be woken" in only(outside.apple, FAIL).sentence


def test_the_mail_server_is_dialled(settings: Any) -> None:
    settings.POCKETWARD = replace(settings.POCKETWARD, mail=MailSettings())
    assert "told of a lost phone on one channel only" in only(outside.mail, WARN).sentence
    settings.POCKETWARD = replace(
        settings.POCKETWARD, mail=MailSettings(host="127.0.0.1", port=closed_port())
    )
    only(outside.mail, FAIL)


def test_a_mail_server_that_takes_mail_is_told_so_and_one_that_wants_no_login_of_ours_is_not(
    settings: Any,
) -> None:
    box, port = Mailbox(), closed_port()
    box.start(port)
    try:
        there = MailSettings(host="127.0.0.1", port=port)
        settings.POCKETWARD = replace(settings.POCKETWARD, mail=there)
        assert only(outside.mail, OK).sentence == f"127.0.0.1:{port} answers."
        assert not box.mails, "asking sends nothing"
        settings.POCKETWARD = replace(settings.POCKETWARD, mail=replace(there, user="us", password="no"))
        assert "refuses us" in only(outside.mail, FAIL).sentence
    finally:
        box.stop()


# --- the command -----------------------------------------------------------------------------------


def test_a_check_that_cannot_run_is_a_finding_and_stops_no_other() -> None:
    def breaks() -> Iterator[Finding]:
        raise RuntimeError("no such table")

    def refuses() -> Iterator[Finding]:
        yield ok("refuses", "so far")
        raise PocketwardError("It is closed.", advice="Open it.")

    found = tuple(doctor.examine((breaks, refuses, lambda: iter([ok("last", "fine")]))))
    assert [item.state for item in found] == [FAIL, OK, FAIL, OK]
    assert "no such table" in found[0].sentence and found[2].next_step == "Open it."


def test_lines_carry_a_mark_the_sentence_and_the_next_step() -> None:
    found = [ok("disk", "Room."), Finding("mail", WARN, "None.", "Set one.")]
    assert list(doctor.lines(found)) == [
        "✓ disk         Room.", "! mail         None.", "               Next: Set one.",
    ]  # fmt: skip


def test_the_command_prints_json_and_its_status_says_whether_all_works(
    practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger.seal_pending()
    monkeypatch.setattr(doctor, "open_home", lambda home, demo: home)
    given: Any = type("Given", (), {"home": None, "demo": True, "json": True, "offline": True})
    assert doctor.run(given) == 0
    found = json.loads(capsys.readouterr().out)
    assert {item["check"] for item in found} >= {
        "database",
        "keys",
        "walls",
        "disk",
        "clock",
        "ledger",
        "push",
    }


def test_a_home_without_a_database_is_told_what_to_do_and_shown_no_trace(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "keys").mkdir(parents=True)
    (home / "pocketward.toml").write_text('people_url = "https://x.example"\n', encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("POCKETWARD", "DJANGO"))}
    done = subprocess.run(
        [sys.executable, "-m", "pocketward.cli.main", "doctor", "--offline", "--home", str(home)],
        capture_output=True, text=True, env=kept, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "Start the server once, or restore a backup; then ask again." in said
    assert not re.search(r"Traceback|OperationalError|no such table|Report this", said)
