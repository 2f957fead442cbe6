"""Logs are lines of JSON from every library, and a secret in one is struck out."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from pocketward.cli import logs

SECRET = "0123456789abcdefghjkmnpqrs"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What was logged since, as mappings."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    logs.set_up_logs("INFO")
    root.handlers[0].setStream(stream)  # type: ignore[attr-defined]
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "message",
    [
        f"GET /start/{SECRET}/ 200", f"GET /join/{SECRET} 200", f"POST /demo/{SECRET}/ 302",
        f"GET /device/x/enroll/{SECRET} 200", f"/stop/{SECRET}/", f"/l/{SECRET}",
        f"/.pocketward/?code={SECRET}&next=/x", f"/sign-in/?next=%2Fjoin%2F{SECRET}", f"token={SECRET}",
        f"password={SECRET}", f"credential={SECRET}&x=1", f"TOKEN={SECRET}",
    ],
)  # fmt: skip
def test_a_secret_in_an_address_is_struck_out(lines: Lines, message: str) -> None:
    logging.getLogger("uvicorn.access").warning("%s", message)
    structlog.get_logger("pocketward").warning("asked", address=message)
    written = lines()
    assert len(written) == 2
    assert SECRET not in json.dumps(written)
    assert "[redacted]" in json.dumps(written)


def test_a_secret_in_an_exception_is_struck_out_too(lines: Lines) -> None:
    try:
        raise ValueError(f"bad answer of https://localhost/start/{SECRET}/")
    except ValueError:
        logging.getLogger("pocketward.web").exception("failed")
    (line,) = lines()
    assert SECRET not in json.dumps(line)


def test_a_line_says_when_where_and_how_bad(lines: Lines) -> None:
    logging.getLogger("pocketward.spine.jobs").error("a job failed")
    (line,) = lines()
    assert (line["level"], line["logger"], line["event"]) == (
        "error",
        "pocketward.spine.jobs",
        "a job failed",
    )
    assert line["timestamp"].endswith("Z")


def test_libraries_that_log_whole_addresses_are_kept_quiet(lines: Lines) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST https://api.push.apple.com/3/device/%s", SECRET)
    assert lines() == []


@given(st.text(max_size=60))
def test_no_message_breaks_the_line_it_is_written_in(message: str) -> None:
    entry = logs._redact(None, "", {"event": message})
    assert json.loads(json.dumps(entry)) == entry


def test_an_address_of_any_length_is_one_short_line(lines: Lines) -> None:
    logging.getLogger("django.request").warning("%s: %s", "Not Found", "/x" * 5000 + "/start/" + SECRET)
    structlog.get_logger("pocketward").warning("asked", address="/y" * 5000)
    one, other = lines()
    assert one["event"] == f"Not Found: {('/x' * 5000)[:199]}…"
    assert len(other["address"]) == 200
    logging.getLogger("uvicorn.error").warning("z" * 9000)
    assert len(lines()[2]["event"]) == logs.MOST_OF_EVENT


@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_no_control_or_direction_mark_reaches_a_line(text: str) -> None:
    entry = logs._bound(None, "", {"event": text, "address": text})
    for said in entry.values():
        assert not set(said) & {chr(code) for code in (*range(32), 127, 0x85, 0x2028, 0x202E, 0x2066, 0xD800)}
        said.encode()


def test_a_lasting_process_keeps_its_own_files_and_throws_the_oldest_away(
    lines: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 2000)
    logs.set_up_logs("INFO", tmp_path / "log", "web")
    for number in range(200):
        logging.getLogger("pocketward.web").warning("asked for /start/%s, time %s", SECRET, number)
    files = sorted(path.name for path in (tmp_path / "log").iterdir())
    assert files == ["web.jsonl", *(f"web.jsonl.{kept}" for kept in range(1, logs.FILES_KEPT + 1))]
    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "log").iterdir())
    assert SECRET not in written
    assert json.loads(written.splitlines()[-1])["level"] == "warning"
    assert all(path.stat().st_size <= 2000 for path in (tmp_path / "log").iterdir())
    assert (tmp_path / "log" / "web.jsonl").stat().st_mode & 0o077 == 0
    logs.set_up_logs("INFO")
    assert not [one for one in logging.getLogger().handlers if isinstance(one, RotatingFileHandler)]
