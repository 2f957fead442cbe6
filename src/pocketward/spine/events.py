"""What a fact is: a frozen record of something that happened in a practice."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pocketward.kernel import clock
from pocketward.kernel.ids import uuid7


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened in a practice.

    `kind` is `package.verb_past`; `actor` is `member:<uuid>`, `device:<uuid>`, `account:<uuid>`,
    `system:<name>` or `anonymous:<network digest>`; `subject` names the thing it is about; no ePHI.
    """

    kind: ClassVar[str]
    version: ClassVar[int] = 1

    practice_id: UUID
    actor: str
    actor_name: str = ""
    subject: str = ""
    case_ref: str = ""
    event_id: UUID = field(default_factory=uuid7)
    occurred_at: datetime = field(default_factory=clock.now)

    def as_record(self) -> dict[str, Any]:
        """The whole event as a mapping, header and body; the form that is sealed."""
        record = {item.name: getattr(self, item.name) for item in fields(self)}
        return record | {"kind": self.kind, "version": self.version}
