"""The product's backend, except that one transaction may work for one practice after another."""

from __future__ import annotations

from uuid import UUID

from pocketward.spine.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A test is one transaction around many units of work."""

    def _bind(self, wanted: tuple[UUID, ...]) -> None:
        """Allow it."""
