"""Structured logs to standard error: no secret, no body, no name of a patient ever gets here."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog

# Path segments that are secrets by themselves: one-time links, enrollment tickets, session codes.
_PLACES = r"/(?:start|join|demo|enroll|l)/|code=|token=|credential=|password="
_SECRET = re.compile(rf"({_PLACES})[^\s\"'&?]+", re.IGNORECASE)


def _redact(_: Any, __: str, entry: dict[str, Any]) -> dict[str, Any]:
    for key, value in entry.items():
        if isinstance(value, str):
            entry[key] = _SECRET.sub(r"\1[redacted]", value)
    return entry


def set_up_logs(level: str) -> None:
    """Send all logging through structlog, as JSON lines, redacted."""
    processors: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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
