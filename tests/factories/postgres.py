"""A real PostgreSQL server for one test run, and databases in it, set up by the script that ships."""

from __future__ import annotations

import ctypes
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
SETUP = ROOT / "deploy" / "postgresql" / "setup.sh"
TEMPLATE = "pocketward_template"
START_SECONDS = 40
SUPERUSER = "bootstrap"
SET_PDEATHSIG = 1


class NoPostgres(Exception):
    """PostgreSQL's server is not installed; the sentence says what to do."""


@dataclass(frozen=True)
class Database:
    """One database of the run's server, with everything a process needs to use it as each role."""

    name: str
    port: int
    password_folder: Path

    def environment(self) -> dict[str, str]:
        """What a process of the product is given to use this database."""
        return {
            "POCKETWARD_DATABASE__ENGINE": "postgresql",
            "POCKETWARD_DATABASE__NAME": self.name,
            "POCKETWARD_DATABASE__HOST": "127.0.0.1",
            "POCKETWARD_DATABASE__PORT": str(self.port),
            "POCKETWARD_DATABASE__PASSWORD_FOLDER": str(self.password_folder),
        }

    def lines(self) -> list[str]:
        """The same as lines for `pocketward demo --set`."""
        return [
            'database.engine="postgresql"',
            f'database.name="{self.name}"',
            f"database.port={self.port}",
            f'database.password_folder="{self.password_folder}"',
        ]

    def url(self, role: str) -> str:
        """The address of this database for one of our roles: owner, app, worker, gate or backup."""
        password = (self.password_folder / role).read_text(encoding="ascii")
        return f"postgresql://pocketward_{role}:{password}@127.0.0.1:{self.port}/{self.name}"

    def connect(self, role: str) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection in autocommit as one of our roles."""
        return psycopg.connect(self.url(role), autocommit=True)


@dataclass
class Cluster:
    """A running server in a folder of its own, ended by `stop`."""

    folder: Path
    port: int
    # None: another process of this run started it, and will stop it.
    process: subprocess.Popen[bytes] | None
    password: str
    _numbers: count[int] = field(default_factory=lambda: count(1))

    @property
    def password_folder(self) -> Path:
        """Where setup.sh put the passwords of our roles."""
        return self.folder / "passwords"

    def superuser(self, name: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """A connection as the one superuser, which the product never knows."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=SUPERUSER, password=self.password, dbname=name,
            autocommit=True,
        )  # fmt: skip

    def set_up(self, name: str) -> Database:
        """An empty database made by the script that ships."""
        way = {"HOST": "127.0.0.1", "PORT": str(self.port), "USER": SUPERUSER, "PASSWORD": self.password}
        subprocess.run(
            [str(SETUP), str(self.password_folder), name],
            check=True,
            stdout=subprocess.DEVNULL,
            env=os.environ | {f"PG{key}": value for key, value in way.items()},
        )
        return Database(name, self.port, self.password_folder)

    def make_template(self) -> None:
        """Make and migrate the database that others are copied from, unless it stands already."""
        with closing(self.superuser()) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone()
        if known is None:
            migrate(self.set_up(TEMPLATE), self.folder / "template-home")

    def tell(self, place: Path) -> Path:
        """Write where the server is for other processes of this run; `attach` reads it."""
        known = {"folder": str(self.folder), "port": self.port, "password": self.password}
        place.touch(mode=0o600)
        place.write_text(json.dumps(known), encoding="utf-8")
        return place

    def copy(self, name: str = "") -> Database:
        """A database with this version's schema and no rows: a copy of the migrated template."""
        self.make_template()
        # Processes that share the server have names of their own.
        made = sql.Identifier(name or f"pocketward_{os.getpid()}_{next(self._numbers)}")
        roles = sql.SQL(", ").join(sql.Identifier(f"pocketward_{role}") for role in ROLES)
        with closing(self.superuser()) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER pocketward_owner TEMPLATE {}").format(
                    made, sql.Identifier(TEMPLATE)
                )
            )
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(made))
            connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(made, roles))
        return Database(made._obj[0], self.port, self.password_folder)

    def for_test_run(self) -> dict[str, str]:
        """The environment of a pytest process whose tests run on a database of their own here.

        Its tests are one transaction each, so jobs are claimed on the connection that serves: the role is
        app and worker in one. It may also empty tables, for the few tests that commit.
        """
        database = self.copy()
        passwords = self.folder / "test-passwords"
        shutil.copytree(self.password_folder, passwords)
        with closing(self.superuser(database.name)) as connection:
            connection.execute(
                sql.SQL(
                    "CREATE ROLE pocketward_tests LOGIN PASSWORD {} IN ROLE pocketward_app, pocketward_worker"
                ).format((passwords / "app").read_text(encoding="ascii"))
            )
            connection.execute("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO pocketward_tests")
        found = Database(database.name, self.port, passwords).environment()
        return clean_environment() | found | {"POCKETWARD_DATABASE__APP": "pocketward_tests"}

    def stop(self) -> None:
        """End the server at once but cleanly, and remove its folder; nothing where it is another's to end."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)


ROLES = ("app", "worker", "gate", "backup")


def attach(place: Path) -> Cluster:
    """The server that another process of this run has started."""
    known = json.loads(place.read_text(encoding="utf-8"))
    return Cluster(Path(known["folder"]), known["port"], None, known["password"])


def migrate(database: Database, home: Path) -> None:
    """Migrate a database as its owner, in a process of its own, as the server does at its start."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "pocketward.cli.main", "migrate", "--home", str(home)],
        check=True, cwd=ROOT, env=clean_environment() | database.environment(), stdout=subprocess.DEVNULL,
    )  # fmt: skip


def clean_environment() -> dict[str, str]:
    """This process's environment without anything of ours, and with our sources."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POCKETWARD")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {"PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("src", "lab/src", "."))}


def start_cluster() -> Cluster:
    """Make and start a server as an unprivileged user; NoPostgres when it is not installed."""
    programs = _programs()
    # Directly under /tmp: the folders that pytest makes are closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="pocketward-pg-"))
    user = _server_user()
    as_user: dict[str, Any] = {}
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    password = secrets.token_hex(16)
    given = folder / "superuser"
    given.write_text(password, encoding="ascii")
    given.chmod(0o644)
    try:
        _init(programs, folder, given, as_user)
        given.unlink()
        port = _free_port()
        process = _start(programs, folder, port, as_user)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    cluster = Cluster(folder, port, process, password)
    _wait(cluster, process)
    return cluster


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    found = [path for path in found if (path / "initdb").exists() and (path / "postgres").exists()]
    if not found or shutil.which("psql") is None:
        raise NoPostgres(
            "PostgreSQL's server is not installed, so what needs it cannot be tested. Run `make test` as "
            "root, or: sudo apt-get install -y --no-install-recommends postgresql"
        )
    return found[-1]


def _server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: initdb refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("There is no user `postgres` or `nobody` to run PostgreSQL as.")


def _init(programs: Path, folder: Path, password: Path, as_user: dict[str, Any]) -> None:
    done = subprocess.run(
        [str(programs / "initdb"), "--pgdata", str(folder / "data"), "--username", SUPERUSER,
         "--pwfile", str(password), "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8",
         # The folder is thrown away; what the server writes while it runs is still synchronized.
         "--no-sync"],
        capture_output=True, text=True, cwd=folder, **as_user,
    )  # fmt: skip
    if done.returncode:
        raise NoPostgres(f"initdb failed: {done.stderr.strip()[-500:]}")


def _end_with_parent() -> None:
    """Let the kernel end the server when the test run is killed."""
    ctypes.CDLL(None).prctl(SET_PDEATHSIG, signal.SIGINT)


def _start(programs: Path, folder: Path, port: int, as_user: dict[str, Any]) -> subprocess.Popen[bytes]:
    options = {
        "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder / "data",
        "max_connections": 200, "shared_buffers": "64MB", "logging_collector": "off",
    }  # fmt: skip
    settings = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen(
            [str(programs / "postgres"), "-D", str(folder / "data"), *settings],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=folder, preexec_fn=_end_with_parent,
            **as_user,
        )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(cluster: Cluster, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            cluster.superuser().close()
        except psycopg.OperationalError as error:
            if process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            log = (cluster.folder / "server.log").read_text(encoding="utf-8", errors="replace")
            cluster.stop()
            raise NoPostgres(f"PostgreSQL did not start: {log[-800:]}") from error
        return
