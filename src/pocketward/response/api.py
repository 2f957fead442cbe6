"""The door of the response domain."""

from __future__ import annotations

from pocketward.response.alerts import (
    AlertRecord,
    answer_alert,
    note_seen,
    raise_alert,
    taken_by,
    unanswered,
)
from pocketward.response.colleague import MadeCode, make_colleague_code
from pocketward.response.containment import (
    decide_without,
    end_lost_mode,
    lost_mode_left,
    may_decide_without,
)
from pocketward.response.doors import DoorRecord, doors, finish_doors, frozen_facts, tick_door
from pocketward.response.encryption import encrypted_word, encryption
from pocketward.response.erasing import (
    EraseAdvice,
    EraseChoiceRecord,
    approve_erase,
    erase_advice,
    erase_choices,
    order_erase,
    seconds_left,
    stop_erase,
)
from pocketward.response.giving_up import CONSEQUENCE, may_be_given_up, revoke_management
from pocketward.response.identifying import Candidate, candidates, fits, identify_loss
from pocketward.response.locating import (
    LocationLook,
    LocationRecord,
    Notice,
    Place,
    case_closed,
    locate,
    locating_notice,
    locations,
    may_be_located,
    view_location,
)
from pocketward.response.officer_holds import LONGEST_REASON, close_records, open_records
from pocketward.response.playbook import Playbook, PlaybookStep, playbook, playbooks
from pocketward.response.repeats import form_key, received_at
from pocketward.response.replacing import no_replacement, thank_reporter
from pocketward.response.reports import (
    ANSWER_SECONDS,
    ReportRecord,
    confirm_loss,
    get_report,
    report_device,
    report_found,
    report_loss,
    reports_of_devices,
    reports_of_member,
    sightings_of,
)
from pocketward.response.restoring import PersonalProof, is_own_report, restore_by_person, reverse
from pocketward.response.rights import OUTSIDERS
from pocketward.response.steps import StepRecord, WrittenReason, finish_step, move, steps
from pocketward.response.written import WHO, note_playbook_taken, playbook_pdf, within

__all__ = (
    "ANSWER_SECONDS",
    "CONSEQUENCE",
    "LONGEST_REASON",
    "OUTSIDERS",
    "WHO",
    "AlertRecord",
    "Candidate",
    "DoorRecord",
    "EraseAdvice",
    "EraseChoiceRecord",
    "LocationLook",
    "LocationRecord",
    "MadeCode",
    "Notice",
    "PersonalProof",
    "Place",
    "Playbook",
    "PlaybookStep",
    "ReportRecord",
    "StepRecord",
    "WrittenReason",
    "answer_alert",
    "approve_erase",
    "candidates",
    "case_closed",
    "close_records",
    "confirm_loss",
    "decide_without",
    "doors",
    "encrypted_word",
    "encryption",
    "end_lost_mode",
    "erase_advice",
    "erase_choices",
    "finish_doors",
    "finish_step",
    "fits",
    "form_key",
    "frozen_facts",
    "get_report",
    "identify_loss",
    "is_own_report",
    "locate",
    "locating_notice",
    "locations",
    "lost_mode_left",
    "make_colleague_code",
    "may_be_given_up",
    "may_be_located",
    "may_decide_without",
    "move",
    "no_replacement",
    "note_playbook_taken",
    "note_seen",
    "open_records",
    "order_erase",
    "playbook",
    "playbook_pdf",
    "playbooks",
    "raise_alert",
    "received_at",
    "report_device",
    "report_found",
    "report_loss",
    "reports_of_devices",
    "reports_of_member",
    "restore_by_person",
    "reverse",
    "revoke_management",
    "seconds_left",
    "sightings_of",
    "steps",
    "stop_erase",
    "taken_by",
    "thank_reporter",
    "tick_door",
    "unanswered",
    "view_location",
    "within",
)
