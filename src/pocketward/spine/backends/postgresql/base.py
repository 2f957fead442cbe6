"""Django's PostgreSQL backend with the practice scope applied to the connection (wall 2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.backends.postgresql import base

from pocketward.spine.errors import ScopeChanged
from pocketward.spine.scope import scope

_UNSET = object()


class DatabaseWrapper(base.DatabaseWrapper):
    """Tells PostgreSQL which practices are in scope, before BEGIN and before each autocommit read.

    The setting made inside a transaction would be undone by its rollback, and one left on a pooled
    connection would serve the next user, so what was applied is tracked and never trusted across
    connections.
    """

    def get_new_connection(self, conn_params: Any) -> Any:
        """A connection on which nothing is applied yet."""
        self._applied: Any = _UNSET
        return super().get_new_connection(conn_params)

    def _set_autocommit(self, autocommit: bool) -> None:
        if not autocommit:
            self._apply()
        super()._set_autocommit(autocommit)

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor in the scope of this context; ScopeChanged inside a transaction of another one."""
        if self.connection is not None and getattr(self, "_ready", False):
            if self.connection.autocommit:
                self._apply()
            elif self._applied != scope():
                raise ScopeChanged("The scope cannot change inside a transaction.")
        return super().create_cursor(name)

    def init_connection_state(self) -> None:
        """Run Django's own set-up without the scope, then begin to apply it."""
        self._ready = False
        super().init_connection_state()
        self._ready = True

    def _apply(self) -> None:
        wanted: tuple[UUID, ...] | None = scope()
        if self.connection is None or self._applied == wanted:
            return
        text = "{" + ",".join(str(item) for item in wanted) + "}" if wanted is not None else ""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.practices', %s, false)", [text])
        self._applied = wanted
