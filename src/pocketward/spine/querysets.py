"""Queries that know the scope they were built in (wall 1, both databases)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db import models
from django.db.models.sql import Query

from pocketward.spine.errors import ScopeChanged
from pocketward.spine.scope import required_scope

Row = TypeVar("Row", bound=models.Model)

# Every QuerySet method that reaches the database. A contract test runs each public verb of Django's class
# against another practice, so a verb that a new Django adds and this list lacks fails there.
GUARDED = (
    "_fetch_all", "_iterator", "iterator", "count", "exists", "contains", "aggregate", "explain", "in_bulk",
    "get", "first", "last", "earliest", "latest", "create", "bulk_create", "bulk_update", "get_or_create",
    "update_or_create", "update", "_update", "delete", "_raw_delete", "_insert",
)  # fmt: skip


class ScopedQuerySet(models.QuerySet[Row, Row]):
    """A query bound to the scope it was built in; used in another scope it raises ScopeChanged."""

    _built_in: tuple[UUID, ...] | None = None

    def _clone(self) -> ScopedQuerySet[Row]:
        clone = super()._clone()  # type: ignore[misc]
        clone._built_in = self._built_in
        return cast("ScopedQuerySet[Row]", clone)

    def _check_scope(self) -> None:
        if self._built_in is not None and required_scope() != self._built_in:
            raise ScopeChanged("This query was built for another practice.")


def _guarded(name: str) -> Callable[..., Any]:
    original = getattr(models.QuerySet, name)

    @functools.wraps(original)
    def verb(self: ScopedQuerySet[Any], *args: Any, **kwargs: Any) -> Any:
        self._check_scope()
        return original(self, *args, **kwargs)

    # Django hides some verbs (delete, raw deletes) from managers by this mark; keep it.
    return verb


for _name in GUARDED:
    setattr(ScopedQuerySet, _name, _guarded(_name))


class PracticeManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """The only manager of a practice's rows: no scope, no rows, an error."""

    use_in_migrations = False

    def get_queryset(self) -> ScopedQuerySet[Any]:
        """Rows of the practices in scope."""
        practices = required_scope()
        begun = _begun(self.model, practices).chain()
        rows: ScopedQuerySet[Any] = ScopedQuerySet(self.model, begun, self._db, self._hints)
        rows._built_in = practices
        return rows


@functools.lru_cache(maxsize=4096)
def _begun(model: type[models.Model], practices: tuple[UUID, ...]) -> Query:
    """What every query of this model in this scope begins with, to be continued in a copy.

    Writing it anew for each query was a tenth of all that the product computes.
    """
    rows: ScopedQuerySet[Any] = ScopedQuerySet(model)
    in_scope = {"practice_id": practices[0]} if len(practices) == 1 else {"practice_id__in": practices}
    return rows.filter(**in_scope).query
