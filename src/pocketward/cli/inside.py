"""Checks of what is on this machine: database, keys, disk, clock, ledger, push certificates, loose ends."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from pocketward.cli.findings import Finding, fail, ok, warn
from pocketward.fleet import api as fleet_api
from pocketward.kernel import clock
from pocketward.kernel.errors import PocketwardError
from pocketward.ledger import api as ledger_api
from pocketward.practice import api as practice_api
from pocketward.spine.api import (
    event_bodies,
    last_event_seq,
    missing_walls,
    open_tasks,
    passes_row_security,
    practice_scope,
    stray_rows,
)

LEAST_FREE_BYTES = 2_000_000_000
LEAST_FREE_SHARE = 0.05
PUSH_DAYS = 30
SHOWN_KEYS = 5
# Bit STA_UNSYNC of adjtimex(2): nothing steers this clock.
UNSYNCHRONIZED = 0x0040


def database() -> Iterator[Finding]:
    """Does it open, is it whole, is its schema this version's?"""
    try:
        missing = MigrationExecutor(connection).migration_plan(
            MigrationExecutor(connection).loader.graph.leaf_nodes()
        )
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA quick_check")
                said = cursor.fetchone()[0]
            if said != "ok":
                yield fail(
                    "database", f"SQLite finds damage: {said}.", "Stop the server and restore a backup."
                )
                return
    except DatabaseError as error:
        advice = (
            "See that the file is there and belongs to the server's user; if it is damaged, restore a backup."
            if connection.vendor == "sqlite"
            else "Look at the [database] settings."
        )
        yield fail("database", f"It cannot be opened: {error}.", advice)
        return
    if missing:
        yield fail(
            "database", f"{len(missing)} migrations are not applied.", "Start the server; it applies them."
        )
    else:
        yield ok("database", f"Opens, is whole, and has this version's schema ({connection.vendor}).")


def walls() -> Iterator[Finding]:
    """Are practices kept apart in the database itself?"""
    practices = practice_api.practices()
    with practice_scope(*(item.id for item in practices)):
        strays = stray_rows() if practices else ()
    for stray in strays:
        yield fail(
            "walls", f"{stray.count} rows of {stray.table} point by {stray.column} into another practice.",
            "Keep a copy of the database and report this; it must not happen.",
        )  # fmt: skip
    if gone := missing_walls():
        yield fail(
            "walls", f"{len(gone)} database rules are missing, first {gone[0]}.",
            "Start the server once; then look again."
        )  # fmt: skip
    if passes_row_security():
        yield fail(
            "walls", "The server's database role can read past row security.",
            "Connect as a role without SUPERUSER and BYPASSRLS.",
        )  # fmt: skip
    if not (strays or gone or passes_row_security()):
        yield ok("walls", "Every row points into its own practice, and the database's rules stand.")


def keys() -> Iterator[Finding]:
    """Is the master key there, private, and the one that these data were encrypted with?"""
    home: Path = settings.POCKETWARD.home
    path = home / "keys" / "master.key"
    if settings.POCKETWARD.master_key is None:
        if not path.exists():
            yield fail("keys", f"{path} is missing.", "Put it back, or restore the backup that holds it.")
            return
        if path.stat().st_mode & 0o077:
            yield fail("keys", f"Others can read {path}.", f"chmod 600 {path}")
    for practice in practice_api.practices():
        with practice_scope(practice.id):
            try:
                head = ledger_api.can_sign(practice_id=practice.id)
            except PocketwardError as error:
                yield fail("keys", f"{practice.name}: {error.sentence}", error.advice)
                return
        if head is False:
            yield fail(
                "keys", f"The master key does not open the data of {practice.name}.",
                "Find the key file that belongs to this database.",
            )  # fmt: skip
            return
    yield ok("keys", "The master key is there and opens the data of every practice.")


def disk() -> Iterator[Finding]:
    """Is there room, and may we write?"""
    home: Path = settings.POCKETWARD.home
    usage = shutil.disk_usage(home)
    free = f"{usage.free / 1e9:.1f} GB of {usage.total / 1e9:.0f} GB are free"
    if not os.access(home, os.W_OK):
        yield fail(
            "disk", f"{home} cannot be written.", f"Give it to the user that runs the server: chown {home}"
        )
    elif usage.free < LEAST_FREE_BYTES or usage.free < usage.total * LEAST_FREE_SHARE:
        yield warn("disk", f"Only {free}.", "Make room; a full disk stops sign-in, reports and the ledger.")
    else:
        yield ok("disk", f"{free}.")


class _Timex(ctypes.Structure):
    """The head of struct timex; the rest is only room for the kernel to write into."""

    _fields_ = [
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    ]  # fmt: skip


def clock_is_steered() -> bool | None:
    """Whether the kernel says that a time service keeps this clock right; None when it does not say."""
    record = _Timex()
    try:
        if ctypes.CDLL(None).adjtimex(ctypes.byref(record)) < 0:
            return None
    except (AttributeError, OSError):
        return None
    return not record.status & UNSYNCHRONIZED


def time() -> Iterator[Finding]:
    """Is the clock steered, and not behind what was recorded?"""
    newest = max((_newest(item.id) for item in practice_api.practices()), default="")
    ahead = (clock.now() + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S")
    if newest[:19] > ahead:
        yield fail(
            "clock", f"Facts are recorded at {newest[:19]} UTC, later than this machine's clock.",
            "Set the clock and switch on time synchronization (timedatectl set-ntp true).",
        )  # fmt: skip
    elif clock_is_steered() is False:
        yield warn(
            "clock", "Nothing keeps this machine's clock right.",
            "Switch on time synchronization (timedatectl set-ntp true); in a container, look at its host.",
        )  # fmt: skip
    else:
        yield ok("clock", f"{clock.now():%Y-%m-%d %H:%M:%S} UTC, and not behind what was recorded.")


def _newest(practice_id: UUID) -> str:
    with practice_scope(practice_id):
        last = last_event_seq(practice_id=practice_id)
        bodies = tuple(event_bodies(practice_id=practice_id, after_seq=last - 1, limit=1))
    return str(bodies[0].get("occurred_at", "")) if bodies else ""


def ledger() -> Iterator[Finding]:
    """Is every ledger whole, and does the sealer keep up?"""
    for practice in practice_api.practices():
        with practice_scope(practice.id):
            report = ledger_api.verify(practice_id=practice.id)
        text = f"{practice.name}: {report.sentence}"
        if not report.ok:
            yield fail(
                "ledger", text, "Keep a copy of the database and of the ledger folder before anything else."
            )
        elif report.waiting and report.signed_at and clock.now() - report.signed_at > timedelta(minutes=2):
            yield warn(
                "ledger", f"{text} The sealer is behind.", "Look whether the worker runs, and at its log."
            )
        else:
            yield ok("ledger", text)


def push() -> Iterator[Finding]:
    """Has each practice a push certificate, and for how long?"""
    for practice in practice_api.practices():
        with practice_scope(practice.id):
            found = fleet_api.push_certificate(practice_id=practice.id)
        if found is None:
            yield warn(
                "push", f"{practice.name} has no Apple push certificate; no phone can be managed.",
                "Set up, step Apple push certificate.",
            )  # fmt: skip
            continue
        days = (found.not_after - clock.now()).days
        text = (
            f"{practice.name}: the Apple push certificate ends on {found.not_after:%Y-%m-%d} ({days} days)."
        )
        renew = f"Renew it with the same Apple account ({found.apple_account or 'not recorded'})."
        if days < 0:
            yield fail("push", text, renew)
        elif days < PUSH_DAYS:
            yield warn("push", text, renew)
        else:
            yield ok("push", text)


def tasks() -> Iterator[Finding]:
    """What else waits for the people who run this server."""
    for practice in practice_api.practices():
        with practice_scope(practice.id):
            waiting = open_tasks(practice.id)
        for _, sentence in waiting:
            yield warn("tasks", f"{practice.name}: {sentence}", "Look at the server's log for the details.")


def kill_switch() -> Iterator[Finding]:
    """Is destruction stopped, and could this process lift the stop?"""
    path: Path | None = settings.POCKETWARD.kill_switch_file
    if path is None:
        yield warn(
            "kill switch", "None is set, so nothing outside can stop an erase.",
            'Set kill_switch_file = "/etc/pocketward/stop" in pocketward.toml; making it stops all erases.',
        )  # fmt: skip
    elif os.access(path.parent, os.W_OK) and os.geteuid():
        yield fail(
            "kill switch", f"This process can write {path.parent}, so it could lift its own stop.",
            f"Give {path.parent} to root: chown root {path.parent}; chmod 755 {path.parent}",
        )  # fmt: skip
    elif fleet_api.kill_switch_is_on():
        seen = os.path.lexists(path)
        yield warn(
            "kill switch",
            f"{path} {'exists' if seen else 'cannot be looked at'}: no erase leaves this server.",
            "Remove the file when you are sure."
            if seen
            else f"Let the service look in: chmod 755 {path.parent}",
        )
    else:
        yield ok("kill switch", f"Not pulled; making {path} stops every erase at once.")


def messages() -> Iterator[Finding]:
    """Do phones say what this version does not know?"""
    for practice in practice_api.practices():
        with practice_scope(practice.id):
            found = fleet_api.unknown_keys(practice_id=practice.id)
        if not found:
            continue
        named = ", ".join(f"{item.message} {item.key} ({item.count})" for item in found[:SHOWN_KEYS])
        more = f" and {len(found) - SHOWN_KEYS} more" if len(found) > SHOWN_KEYS else ""
        yield ok("messages", f"{practice.name}: keys in phones' messages that are new to us: {named}{more}.")


CHECKS = (database, keys, walls, disk, time, ledger, push, messages, kill_switch, tasks)
