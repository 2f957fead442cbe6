"""Structured logs to standard error: no secret, no body, no name of a patient ever gets here.

An exception's words may quote a row, a body or an address, so only its type and the places it came through
are written, for every exception of the chain. Errors of ours say their stable code as well.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

import structlog

from pocketward.kernel.errors import PocketwardError

MOST_FRAMES = 40
log = logging.getLogger(__name__)

# Path segments that are secrets by themselves: one-time links, enrollment tickets, session codes.
_PLACES = r"/(?:start|join|demo|stop|enroll|l)/|code=|token=|credential=|password="
_SECRET = re.compile(rf"({_PLACES})[^\s\"'&?]+", re.IGNORECASE)


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


def set_up_logs(level: str) -> None:
    """Send all logging, and what nobody handles, through structlog as redacted JSON lines."""
    sys.excepthook, threading.excepthook = _unhandled, _unhandled_in_thread
    processors: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_words,
        _redact,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=processors,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
