"""The door of the ground: everything other packages may use of it, from one place."""

from __future__ import annotations

from pocketward.spine.errors import SpineError
from pocketward.spine.events import Event
from pocketward.spine.evidence import erase_evidence, keep_evidence, read_evidence
from pocketward.spine.fields import EncryptedBytes, EncryptedText
from pocketward.spine.jobs import JobContext, JobSpec, claim, run_due, run_job
from pocketward.spine.keys import make_master_key, make_practice_key, practices_with_keys
from pocketward.spine.models import TransactionNumber
from pocketward.spine.nudges import socket_path, wake_gates, wake_workers
from pocketward.spine.pool import run_in_pool
from pocketward.spine.queue import anything_open, enqueue
from pocketward.spine.reactions import Gathered
from pocketward.spine.recording import record
from pocketward.spine.rows import PlainPracticeModel, PracticeModel
from pocketward.spine.scope import current_practice_id, practice_scope
from pocketward.spine.sealing import (
    StoredEvent,
    erase_event_body,
    events_after,
    matching_events,
    practices_with_unsealed,
    stored_events,
    unsealed_events,
    unsealed_state,
)
from pocketward.spine.strays import Stray, missing_walls, passes_row_security, stray_rows
from pocketward.spine.stream import event_bodies, last_event_seq
from pocketward.spine.tasks import close_task, open_task, open_tasks
from pocketward.spine.unit import after_commit, in_unit_of_work, unit_of_work

__all__ = (
    "EncryptedBytes",
    "EncryptedText",
    "Event",
    "Gathered",
    "JobContext",
    "JobSpec",
    "PlainPracticeModel",
    "PracticeModel",
    "SpineError",
    "StoredEvent",
    "Stray",
    "TransactionNumber",
    "after_commit",
    "anything_open",
    "claim",
    "close_task",
    "current_practice_id",
    "enqueue",
    "erase_event_body",
    "erase_evidence",
    "event_bodies",
    "events_after",
    "in_unit_of_work",
    "keep_evidence",
    "last_event_seq",
    "make_master_key",
    "make_practice_key",
    "matching_events",
    "missing_walls",
    "open_task",
    "open_tasks",
    "passes_row_security",
    "practice_scope",
    "practices_with_keys",
    "practices_with_unsealed",
    "read_evidence",
    "record",
    "run_due",
    "run_in_pool",
    "run_job",
    "socket_path",
    "stored_events",
    "stray_rows",
    "unit_of_work",
    "unsealed_events",
    "unsealed_state",
    "wake_gates",
    "wake_workers",
)
