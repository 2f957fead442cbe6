"""Django's PostgreSQL backend with the practice scope applied to the connection (wall 2)."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from django.db.backends.postgresql import base
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from psycopg.pq import TransactionStatus

from pocketward.spine.errors import ScopeChanged
from pocketward.spine.scope import scope

_UNSET = object()


class SchemaEditor(DatabaseSchemaEditor):
    """Lifts row security from the tables' owner for one migration, in its transaction."""

    _forced: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        entered = super().__enter__()
        if not self.collect_sql:
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT relname FROM pg_class WHERE relforcerowsecurity AND relkind = 'r'")
                self._forced = tuple(name for (name,) in cursor.fetchall())
                for name in self._forced:
                    cursor.execute(f'ALTER TABLE "{name}" NO FORCE ROW LEVEL SECURITY')
        return entered

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        from pocketward.spine.practice_rules import forcing

        if self._forced:
            # Rows that a migration changed are compared first; PostgreSQL alters no table before that.
            self.deferred_sql.extend(("SET CONSTRAINTS ALL IMMEDIATE", *forcing(self._forced)))
        super().__exit__(exc_type, exc_value, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    """Tells PostgreSQL which practices are in scope, before BEGIN and before each autocommit read.

    A setting made inside a transaction would be undone by its rollback, and one left on a pooled
    connection would serve the next user, so what was applied is tracked, forgotten at each rollback, and
    never trusted across connections.
    """

    SchemaEditorClass = SchemaEditor
    _applied: Any = _UNSET
    # The first practices that this transaction worked for; it may not work for others.
    _bound: tuple[UUID, ...] | None = None

    def get_new_connection(self, conn_params: Any) -> Any:
        """A connection on which nothing is applied yet."""
        self._forget()
        return super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor in the scope of this context; ScopeChanged inside a transaction of another one."""
        if getattr(self, "_ready", False):
            self._apply()
        return super().create_cursor(name)

    def init_connection_state(self) -> None:
        """Run Django's own set-up without the scope, then begin to apply it."""
        self._ready = False
        super().init_connection_state()
        self._ready = True

    def _set_autocommit(self, autocommit: bool) -> None:
        if not autocommit:
            # Before BEGIN, so that a rollback leaves it standing.
            self._apply()
            self._bound = scope()
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        if autocommit:
            self._bound = None

    def _rollback(self) -> Any:
        self._forget()
        return super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> Any:
        done = super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._applied = _UNSET
        return done

    def _forget(self) -> None:
        self._applied, self._bound = _UNSET, None

    def _apply(self) -> None:
        wanted: tuple[UUID, ...] | None = scope()
        if self.connection is None or self._applied == wanted:
            return
        status = self.connection.info.transaction_status
        if status == TransactionStatus.INERROR:
            # Only a rollback is accepted now, and that touches no row.
            return
        if wanted is not None and not self.connection.autocommit:
            self._bind(wanted)
        text = "{" + ",".join(str(item) for item in wanted) + "}" if wanted is not None else ""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.practices', %s, false)", [text])
        self._applied = wanted

    def _bind(self, wanted: tuple[UUID, ...]) -> None:
        """A transaction may enter a scope and leave it, since a practice is born in one; never another."""
        if self._bound not in (None, wanted):
            raise ScopeChanged("The scope cannot change inside a transaction.")
        self._bound = wanted
