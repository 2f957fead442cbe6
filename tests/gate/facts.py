"""A small world for the gate's tests: one practice, one clinician, one iPhone, one app."""

from __future__ import annotations

from typing import Any

import msgspec

from pocketward.gate.compiler import CompiledRules, compile_rules
from pocketward.gate.language import default_rules, write_rules
from pocketward.gate.records import (
    AppFacts,
    CheckFacts,
    ClientFacts,
    DeviceFacts,
    Facts,
    PathFacts,
    PersonFacts,
    PracticeFacts,
    RequestFacts,
    SessionFacts,
)
from pocketward.gate.snapshot import Changes, Row

NOW = 1_764_000_000
PRACTICE = "11111111-1111-7111-8111-111111111111"
SECRET = "proxy-secret-of-this-install"
RULES: CompiledRules = compile_rules(default_rules())

APP = AppFacts(
    "app-1",
    PRACTICE,
    "Harbor EHR",
    ("ehr.example.org",),
    (PathFacts("/notes", "notes"), PathFacts("/calendar", "calendar"), PathFacts("/billing", "billing")),
)
CLINICIAN = PersonFacts("member-1", PRACTICE, True, ("clinician",))
CHECKS = tuple(
    CheckFacts(name, "pass", "", NOW - 60, 86_400) for name in ("passcode_set", "os_patched", "heard_from")
)
PHONE = DeviceFacts(
    "device-1", PRACTICE, "compliant", "iphone", CHECKS, NOW + 3600, NOW - 60, ownership="practice",
    holder="member-1", fingerprints=("ab" * 32,), certificate_state="valid",
)  # fmt: skip
SESSION = SessionFacts(
    "token-hash", PRACTICE, "member-1", "app-1", "passkey", NOW - 300, NOW + 3600, "device-1"
)
ENROLLED = ClientFacts("enrolled", "", "ab" * 32)
UNENROLLED = ClientFacts("unenrolled")


def facts(**changes: Any) -> Facts:
    """A request that is allowed; `changes` replace its parts."""
    whole = Facts(
        RequestFacts(NOW, "GET", "ehr.example.org", "00" * 8, "elsewhere"),
        ENROLLED,
        "notes",
        RULES.digest,
        True,
        "",
        APP,
        CLINICIAN,
        SESSION,
        PHONE,
    )
    return msgspec.structs.replace(whole, **changes)


def changed(record: Any, **changes: Any) -> Any:
    """The record with other values."""
    return msgspec.structs.replace(record, **changes)


def row(kind: str, key: str, record: Any, version: int = 1, practice: str = PRACTICE) -> Row:
    """A snapshot row of a record, or of bytes."""
    body = record if isinstance(record, bytes) else msgspec.json.encode(record)
    return Row(practice, kind, key, version, False, body)


def gone(kind: str, key: str, version: int, practice: str = PRACTICE) -> Row:
    """A tombstone."""
    return Row(practice, kind, key, version, True, b"")


def world_rows(*, authorities: tuple[str, ...] = (), **records: Any) -> tuple[Row, ...]:
    """The rows of the small world; a keyword (person, device, session, app) replaces one."""
    practice = PracticeFacts(PRACTICE, "Harbor Street Clinic", "America/Chicago", authorities=authorities)
    chosen: dict[str, Any] = {
        "person": CLINICIAN,
        "device": PHONE,
        "session": SESSION,
        "app": APP,
        "practice": practice,
    }
    chosen |= records
    keys = {
        "person": chosen["person"].member_id,
        "device": chosen["device"].device_id,
        "session": chosen["session"].token_hash,
        "app": chosen["app"].app_id,
        "practice": PRACTICE,
    }
    rows = tuple(row(kind, keys[kind], record) for kind, record in chosen.items())
    return (*rows, row("rules", "rules", write_rules(default_rules())))


class ListStore:
    """A snapshot store over a list of rows; `is_broken` makes polls fail."""

    def __init__(self, rows: tuple[Row, ...] = ()) -> None:
        self.rows = list(rows)
        self.is_broken = False
        self.polls = 0

    def poll(self, cursor: bytes | None) -> Changes:
        """All rows added since the cursor, a count."""
        self.polls += 1
        if self.is_broken:
            raise OSError("the database is away")
        start = int(cursor or b"0")
        return Changes(tuple(self.rows[start:]), str(len(self.rows)).encode())

    def close(self) -> None:
        """Nothing is held."""
