"""The one typed settings object. Read once, at start; an unknown key or an unsafe pair stops it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class DatabaseSettings:
    """Which database, and for PostgreSQL the name of each role; passwords come from files."""

    engine: str = "sqlite"
    name: str = "pocketward"
    host: str = "127.0.0.1"
    port: int = 5432
    owner: str = "pocketward_owner"
    app: str = "pocketward_app"
    worker: str = "pocketward_worker"
    gate: str = "pocketward_gate"
    backup: str = "pocketward_backup"
    password_folder: Path | None = None


@dataclass(frozen=True)
class MailSettings:
    """The mail server; no host means none: printed codes and a banner instead."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    sender: str = "Pocketward <pocketward@localhost>"


@dataclass(frozen=True)
class PushSettings:
    """Apple's push service. In a real world only Apple's own hosts are allowed."""

    host: str = "api.push.apple.com"
    port: int = 443
    trust_file: Path | None = None


@dataclass(frozen=True)
class Settings:
    """Everything the processes need to know at start.

    Ports are TCP; `people_url` and `device_url` are what people and devices dial, without a path.
    """

    home: Path
    world: str = "real"
    people_url: str = "http://localhost:8000"
    device_url: str = "https://localhost:8443"
    web_host: str = "127.0.0.1"
    web_port: int = 8000
    device_host: str = "127.0.0.1"
    device_port: int = 8443
    gate_host: str = "127.0.0.1"
    gate_port: int = 8001
    gate_stale_seconds: float = 30.0
    gate_poll_seconds: float = 0.1
    device_trusted_proxy: bool = False
    proxy_secret: str = ""
    kill_switch_file: Path | None = None
    master_key: bytes | None = None
    secret_key: str = ""
    release_feed_file: Path | None = None
    clock_offset_file: Path | None = None
    log_level: str = "INFO"
    debug: bool = False
    largest_device_body: int = 5 * 1024 * 1024
    # How long work lies still after its worker died; a longer job beats in between.
    longest_lease_seconds: int = 30
    trusted_hosts: tuple[str, ...] = ("localhost",)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    push: PushSettings = field(default_factory=PushSettings)
