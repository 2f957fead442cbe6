"""The door of the incidents domain."""

from __future__ import annotations

from pocketward.incidents.cases import (
    CaseRecord,
    case_by_number,
    cases,
    cases_of_device,
    close_case,
    get_case,
)
from pocketward.incidents.clocks import BreachClock, breach_clock, yearly_log_due
from pocketward.incidents.deciding import DecisionRecord, decide_breach, decisions
from pocketward.incidents.discovery import Candidate, change_discovery, discovery_candidates
from pocketward.incidents.document import incident_pdf, note_export
from pocketward.incidents.exposure import (
    ANSWERS,
    QUESTIONS,
    ExposureRow,
    answer,
    complete_worksheet,
    worksheet,
)
from pocketward.incidents.frozen import frozen_words
from pocketward.incidents.timeline import Moment, timeline

__all__ = (
    "ANSWERS",
    "QUESTIONS",
    "BreachClock",
    "Candidate",
    "CaseRecord",
    "DecisionRecord",
    "ExposureRow",
    "Moment",
    "answer",
    "breach_clock",
    "case_by_number",
    "cases",
    "cases_of_device",
    "change_discovery",
    "close_case",
    "complete_worksheet",
    "decide_breach",
    "decisions",
    "discovery_candidates",
    "frozen_words",
    "get_case",
    "incident_pdf",
    "note_export",
    "timeline",
    "worksheet",
    "yearly_log_due",
)
