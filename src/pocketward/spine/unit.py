"""The unit of work: one transaction, its events, its safety chain."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from pocketward.kernel import faultpoints
from pocketward.spine import scope
from pocketward.spine.errors import OutsideUnitOfWork, WriterBusy
from pocketward.spine.writer import WRITER, file_lock

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass
class Unit:
    """What one open transaction has recorded and not yet handled."""

    waiting: list[Any] = field(default_factory=list)
    has_jobs: bool = False
    kinds: list[str] = field(default_factory=list)
    # (kind of job, practice) -> what its one job is about.
    gathered: dict[tuple[str, UUID], set[str]] = field(default_factory=dict)


_unit: ContextVar[Unit | None] = ContextVar("pocketward_unit", default=None)
# The function that handles the waiting events before commit; set by reactions, which sits above.
_drain: list[Callable[[Unit], None]] = []


def before_commit(drain: Callable[[Unit], None]) -> None:
    """Give the unit of work the function that handles its events; called once, at import."""
    _drain[:] = [drain]


def current_unit() -> Unit:
    """The open unit; OutsideUnitOfWork when there is none."""
    unit = _unit.get()
    if unit is None:
        raise OutsideUnitOfWork()
    return unit


def in_unit_of_work() -> bool:
    """Whether a unit of work is open here."""
    return _unit.get() is not None


def after_commit(function: Callable[[], Any]) -> None:
    """Run after the transaction commits. It may be lost: use it for nudges, never for the only signal."""
    transaction.on_commit(function)


def unit_of_work(verb: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run a verb in one transaction; a verb called by a verb joins its transaction.

    On SQLite the outermost verb runs on the process's writer thread under the home folder's write lock; on
    PostgreSQL, and inside a transaction that a test has opened, in the caller's thread. Either way a practice
    has one writer at a time, so a verb may look and then act. WriterBusy when its turn does not come.
    """

    @functools.wraps(verb)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        if _unit.get() is not None:
            return verb(*args, **kwargs)
        work = functools.partial(_in_transaction, functools.partial(verb, *args, **kwargs))
        if connection.vendor != "sqlite" or connection.in_atomic_block or WRITER.inside():
            return work()
        result: Result = WRITER.run(functools.partial(_under_lock, work))
        return result

    return run


def _under_lock(work: Callable[[], Result]) -> Result:
    with file_lock(settings.POCKETWARD.home / "run" / "write.lock"):
        return work()


# The lock of units that begin outside every practice; entering one inside adds none, so no circle forms.
_NO_PRACTICE = 0


def _take_turn() -> None:
    """On PostgreSQL, wait until no other unit of work of these practices is open; held until the commit."""
    if connection.vendor != "postgresql":
        return
    from psycopg.errors import LockNotAvailable

    practices = scope.scope() or ()
    keys = sorted(int.from_bytes(item.bytes[8:], "big", signed=True) for item in practices) or [_NO_PRACTICE]
    try:
        # The driver's own cursor: like BEGIN, this is no statement of the verb's.
        with connection.connection.cursor() as cursor:
            for key in keys:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
    except LockNotAvailable as error:
        raise WriterBusy() from error


def _pass_points(moment: str, unit: Unit) -> None:
    for kind in unit.kinds if faultpoints.FILE is not None else ():
        faultpoints.fault_point(f"{moment}:{kind}")


def _in_transaction(verb: Callable[[], Result]) -> Result:
    unit = Unit()
    token, mark = _unit.set(unit), scope.in_unit.set(True)
    try:
        with transaction.atomic():
            _take_turn()
            result = verb()
            for drain in _drain:
                drain(unit)
            _pass_points("before-commit", unit)
        _pass_points("after-commit", unit)
        return result
    finally:
        scope.in_unit.reset(mark)
        _unit.reset(token)
