"""Which practice this thread of work may touch: one context variable.

It imports no models: the database backends read it while models are still loading.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from pocketward.spine.errors import ScopeChanged, ScopeMissing

_scope: ContextVar[tuple[UUID, ...] | None] = ContextVar("pocketward_scope", default=None)
# Set while a unit of work runs; the scope may not change inside it.
in_unit: ContextVar[bool] = ContextVar("pocketward_in_unit", default=False)


def scope() -> tuple[UUID, ...] | None:
    """The practices in scope, sorted, or None."""
    return _scope.get()


def required_scope() -> tuple[UUID, ...]:
    """The practices in scope; ScopeMissing when there is none."""
    practices = _scope.get()
    if practices is None:
        raise ScopeMissing()
    return practices


def current_practice_id() -> UUID:
    """The one practice in scope; ScopeMissing when there is none or several."""
    practices = required_scope()
    if len(practices) != 1:
        raise ScopeMissing("This needs exactly one practice in scope.")
    return practices[0]


@contextmanager
def practice_scope(*practice_ids: UUID) -> Iterator[None]:
    """Let queries in this block see the rows of these practices, and no others.

    Entering the scope that holds already is allowed anywhere; another one inside a unit of work raises
    ScopeChanged.
    """
    wanted = tuple(sorted(set(practice_ids)))
    if in_unit.get() and _scope.get() not in (None, wanted):
        raise ScopeChanged("The scope cannot change inside a transaction.")
    token = _scope.set(wanted)
    try:
        yield
    finally:
        _scope.reset(token)
