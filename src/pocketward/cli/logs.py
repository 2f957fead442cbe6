"""Structured logs to standard error and a file: no secret, no body, no name of a patient ever gets here.

An exception's words may quote a row, a body or an address, so only its type and the places it came through
are written, for every exception of the chain. Errors of ours say their stable code as well.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import traceback
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from pocketward.kernel.errors import PocketwardError

MOST_FRAMES = 40
log = logging.getLogger(__name__)

# Path segments that are secrets by themselves: one-time links, enrollment tickets, session codes.
_PLACES = r"(?:/|%2f)(?:start|join|demo|stop|enroll|l)(?:/|%2f)|code=|token=|credential=|password="
_SECRET = re.compile(rf"({_PLACES})[^\s\"'&?]+", re.IGNORECASE)


# A stranger chooses the address that a line quotes: it is neither endless nor more than one line.
MOST_LETTERS = 200
MOST_OF_EVENT = 400
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# A role's file is put aside at this size, and the oldest of so many is thrown away.
FILE_BYTES, FILES_KEPT = 5_000_000, 4


def _short(text: str, most: int) -> str:
    """The text on one line, with a dot for each control or direction mark, cut at `most` letters."""
    plain = _CONTROLS.sub("·", text)
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


class ShortArguments(logging.Filter):
    """Cuts what is put into a message, so that the message's own words stay whole."""

    def filter(self, record: logging.LogRecord) -> bool:
        """True: the record is written, with shorter arguments."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                _short(item, MOST_LETTERS) if isinstance(item, str) else item for item in record.args
            )
        return True


def _bound(_: Any, __: str, entry: dict[str, Any]) -> dict[str, Any]:
    for key, value in entry.items():
        if isinstance(value, str):
            entry[key] = _short(value, MOST_OF_EVENT if key == "event" else MOST_LETTERS)
    return entry


def _redact(_: Any, __: str, entry: dict[str, Any]) -> dict[str, Any]:
    for key, value in entry.items():
        if isinstance(value, str):
            entry[key] = _SECRET.sub(r"\1[redacted]", value)
    return entry


def _without_words(_: Any, __: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Replace the exception by its type and places; `exc_info` is True, an exception or a triple."""
    given = entry.pop("exc_info", None)
    found = sys.exc_info() if given is True else given
    error = found[1] if isinstance(found, tuple) else found
    entry.pop("exc_text", None)
    entry.pop("stack_info", None)
    if isinstance(error, BaseException):
        entry["exception"] = describe_error(error)
    return entry


def describe_error(error: BaseException) -> list[str]:
    """The chain of exceptions, the newest first: type, our code if it is one of ours, and its places."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        code = f" ({current.code})" if isinstance(current, PocketwardError) else ""
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}{code}")
        frames = traceback.extract_tb(current.__traceback__)[-MOST_FRAMES:]
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        current = current.__cause__ or current.__context__
    return lines


def _unhandled(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("an error that nobody handled", exc_info=error)


def _unhandled_in_thread(given: threading.ExceptHookArgs) -> None:
    if given.exc_value is not None and not isinstance(given.exc_value, SystemExit):
        name = given.thread.name if given.thread is not None else "?"
        log.critical("a thread ended by an error: %s", name, exc_info=given.exc_value)


def set_up_logs(level: str, folder: Path | None = None, role: str = "", *, quiet: bool = False) -> None:
    """Send all logging, and what nobody handles, through structlog as redacted JSON lines.

    To standard error; a lasting process also names its home's `folder` and its `role`, whose file it alone
    writes and puts aside when it is full. `quiet`: standard error gets warnings and worse, the file all.
    """
    sys.excepthook, threading.excepthook = _unhandled, _unhandled_in_thread
    processors: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_words,
        _redact,
        _bound,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=processors,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if quiet:
        handlers[0].setLevel(logging.WARNING)
    if folder is not None:
        handlers.append(_file_handler(folder, role))
    for handler in handlers:
        handler.setFormatter(formatter)
        handler.addFilter(ShortArguments())
    root = logging.getLogger()
    for old in root.handlers:
        if isinstance(old, RotatingFileHandler):
            old.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


class RoleFile(RotatingFileHandler):
    """A file of log lines, and those put aside, readable by their owner only."""

    def _open(self) -> TextIOWrapper:
        # The same as the parent's, but for the mode of a file that is made.
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return TextIOWrapper(open(descriptor, "ab"), encoding=self.encoding, write_through=True)


def _file_handler(folder: Path, role: str) -> RoleFile:
    """`<role>.jsonl` in the home's log folder, which is made when it is missing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return RoleFile(folder / f"{role}.jsonl", maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
