"""The frozen records of sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class SignedIn:
    """Who this browser session belongs to and how strongly they proved it; `auth_at` on the true clock."""

    account_id: UUID
    email: str
    language: str
    strength: str
    auth_at: datetime
    session_key: str
    passkey_id: int | None


@dataclass(frozen=True)
class SessionRecord:
    """One open browser session of an account."""

    id: int
    started_at: datetime
    ip: str
    browser: str
    is_current: bool


@dataclass(frozen=True)
class PasskeyRecord:
    """A registered passkey; `synced` when its authenticator may copy it to other devices."""

    id: int
    name: str
    synced: bool
    registered_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class CodeSecret:
    """What a code app needs: the secret as text to type, and as an address to scan."""

    secret: str
    address: str
