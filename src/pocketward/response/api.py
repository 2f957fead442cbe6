"""The door of the response domain."""

from __future__ import annotations

from pocketward.response.alerts import AlertRecord, answer_alert, raise_alert, unanswered
from pocketward.response.containment import (
    EraseAdvice,
    approve_erase,
    erase_advice,
    locate,
    order_erase,
    stop_erase,
)
from pocketward.response.doors import DoorRecord, doors, frozen_facts, tick_door
from pocketward.response.playbook import Playbook, PlaybookStep, playbook, playbooks
from pocketward.response.reports import (
    ANSWER_SECONDS,
    ReportRecord,
    confirm_loss,
    get_report,
    report_found,
    report_loss,
    restore_by_person,
    reverse,
)
from pocketward.response.steps import StepRecord, finish, move, steps

__all__ = (
    "ANSWER_SECONDS",
    "AlertRecord",
    "DoorRecord",
    "EraseAdvice",
    "Playbook",
    "PlaybookStep",
    "ReportRecord",
    "StepRecord",
    "answer_alert",
    "approve_erase",
    "confirm_loss",
    "doors",
    "erase_advice",
    "finish",
    "frozen_facts",
    "get_report",
    "locate",
    "move",
    "order_erase",
    "playbook",
    "playbooks",
    "raise_alert",
    "report_found",
    "report_loss",
    "restore_by_person",
    "reverse",
    "steps",
    "stop_erase",
    "tick_door",
    "unanswered",
)
