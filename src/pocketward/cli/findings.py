"""What a check of the installation says: a state, a sentence, and the next step."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result. `next_step` is empty when all is well."""

    check: str
    state: str
    sentence: str
    next_step: str = ""


def ok(check: str, sentence: str) -> Finding:
    """All is well."""
    return Finding(check, OK, sentence)


def warn(check: str, sentence: str, next_step: str) -> Finding:
    """It works, and somebody should look."""
    return Finding(check, WARN, sentence, next_step)


def fail(check: str, sentence: str, next_step: str) -> Finding:
    """It does not work, or soon will not."""
    return Finding(check, FAIL, sentence, next_step)
