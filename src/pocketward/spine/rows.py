"""The two abstract rows of the practice plane."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from django.db import models

from pocketward.kernel.ids import uuid7
from pocketward.spine.errors import ScopeChanged
from pocketward.spine.querysets import PracticeManager
from pocketward.spine.scope import required_scope


class _Owned(models.Model):
    """What both kinds share: the practice is in scope, and fixed at birth."""

    practice_id: UUID
    # The practice this row was loaded or last saved with; None for a new row.
    _born_in: UUID | None = None

    objects = PracticeManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **more: Any) -> Self:
        """Remember the practice this row was loaded with."""
        row = super().from_db(db, field_names, values, **more)
        row._born_in = row.__dict__.get("practice_id")
        return row

    def _check_owner(self) -> None:
        if self.practice_id not in required_scope() or self._born_in not in (None, self.practice_id):
            raise ScopeChanged()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save in the scope of the row's own practice; ScopeChanged otherwise."""
        self._check_owner()
        super().save(*args, **kwargs)
        self._born_in = self.practice_id

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete in the scope of the row's own practice; ScopeChanged otherwise."""
        self._check_owner()
        return super().delete(*args, **kwargs)


class PracticeModel(_Owned):
    """A row of one practice, in a package above `practice`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("practice.Practice", on_delete=models.PROTECT, related_name="+")

    class Meta(_Owned.Meta):
        abstract = True


class PlainPracticeModel(_Owned):
    """A row of one practice, in a package below `practice` (spine, ledger): a bare practice id."""

    practice_id = models.UUIDField(editable=False)

    class Meta(_Owned.Meta):
        abstract = True
