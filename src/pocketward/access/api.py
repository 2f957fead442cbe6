"""The door of the access domain."""

from __future__ import annotations

from pocketward.access.alarms import note_header_alarm
from pocketward.access.closing import (
    closed_by_app_change,
    closed_by_app_removal,
    closed_by_ending_permit,
    closed_by_enforcing,
    closed_by_matrix,
    closed_by_network,
    closed_by_roles,
)
from pocketward.access.decisions import (
    DecisionRecord,
    decision,
    decision_can_be_made_again,
    decisions,
    explain_decision,
)
from pocketward.access.devices import closing_reasons
from pocketward.access.emergency import (
    FINDINGS,
    EmergencyRecord,
    emergencies,
    end_emergency,
    open_emergency,
    read_emergency,
    review_emergency,
    running_emergency,
)
from pocketward.access.emergency import REASONS as EMERGENCY_REASONS
from pocketward.access.holds import OfficerHold, held_devices, lift_hold, officer_hold, place_hold
from pocketward.access.intake import drain_decisions
from pocketward.access.networks import NetworkRecord, name_network, networks
from pocketward.access.permits import PermitRecord, end_permit, give_permit, permits
from pocketward.access.registry import (
    DOORS,
    AppRecord,
    answers_since,
    apps,
    change_app,
    door_sentence,
    get_app,
    register_app,
    remove_app,
    set_app_mode,
)
from pocketward.access.rule_words import RuleWords
from pocketward.access.rules import (
    RulesRecord,
    access_rules,
    access_rules_history,
    access_rules_in_words,
    role_matrix,
    set_access_rules,
    set_default_rules,
    set_role_matrix,
)
from pocketward.access.sessions import (
    GateSessionRecord,
    StartedSession,
    devices_of_sign_in,
    end_gate_sessions,
    gate_sessions,
    issue_code,
    redeem_code,
    require_fresh_passkey,
)
from pocketward.access.setup import prepare_practice
from pocketward.access.sign_in.entry import (
    begin_password,
    enter_demo,
    join,
    look_at_invitation,
    password_is_allowed,
    set_password_with_totp,
    sign_in_with_password,
    start_practice,
)
from pocketward.access.sign_in.invitations import invite
from pocketward.access.sign_in.passkeys import (
    begin_passkey_registration,
    begin_passkey_sign_in,
    finish_passkey_registration,
    finish_passkey_sign_in,
    passkeys,
)
from pocketward.access.sign_in.records import CodeSecret, PasskeyRecord, SessionRecord, SignedIn
from pocketward.access.sign_in.recovery import (
    make_recovery_codes,
    recovery_codes_left,
    spend_recovery_code,
)
from pocketward.access.sign_in.sender import address_of_sender
from pocketward.access.sign_in.session import (
    end_session,
    require_recent,
    sessions,
    sign_out,
    signed_in,
)
from pocketward.access.sign_in.strength import PHISHING_RESISTANT, is_phishing_resistant

__all__ = (
    "DOORS",
    "EMERGENCY_REASONS",
    "FINDINGS",
    "PHISHING_RESISTANT",
    "AppRecord",
    "CodeSecret",
    "DecisionRecord",
    "EmergencyRecord",
    "GateSessionRecord",
    "NetworkRecord",
    "OfficerHold",
    "PasskeyRecord",
    "PermitRecord",
    "RuleWords",
    "RulesRecord",
    "SessionRecord",
    "SignedIn",
    "StartedSession",
    "access_rules",
    "access_rules_history",
    "access_rules_in_words",
    "address_of_sender",
    "answers_since",
    "apps",
    "begin_passkey_registration",
    "begin_passkey_sign_in",
    "begin_password",
    "change_app",
    "closed_by_app_change",
    "closed_by_app_removal",
    "closed_by_ending_permit",
    "closed_by_enforcing",
    "closed_by_matrix",
    "closed_by_network",
    "closed_by_roles",
    "closing_reasons",
    "decision",
    "decision_can_be_made_again",
    "decisions",
    "devices_of_sign_in",
    "door_sentence",
    "drain_decisions",
    "emergencies",
    "end_emergency",
    "end_gate_sessions",
    "end_permit",
    "end_session",
    "enter_demo",
    "explain_decision",
    "finish_passkey_registration",
    "finish_passkey_sign_in",
    "gate_sessions",
    "get_app",
    "give_permit",
    "held_devices",
    "invite",
    "is_phishing_resistant",
    "issue_code",
    "join",
    "lift_hold",
    "look_at_invitation",
    "make_recovery_codes",
    "name_network",
    "networks",
    "note_header_alarm",
    "officer_hold",
    "open_emergency",
    "passkeys",
    "password_is_allowed",
    "permits",
    "place_hold",
    "prepare_practice",
    "read_emergency",
    "recovery_codes_left",
    "redeem_code",
    "register_app",
    "remove_app",
    "require_fresh_passkey",
    "require_recent",
    "review_emergency",
    "role_matrix",
    "running_emergency",
    "sessions",
    "set_access_rules",
    "set_app_mode",
    "set_default_rules",
    "set_password_with_totp",
    "set_role_matrix",
    "sign_in_with_password",
    "sign_out",
    "signed_in",
    "spend_recovery_code",
    "start_practice",
)
