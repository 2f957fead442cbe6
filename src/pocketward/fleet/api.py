"""The door of the fleet."""

from __future__ import annotations

from pocketward.fleet.apple.app_progress import AppProgress, app_progress
from pocketward.fleet.apple.catalogue import apple_commands
from pocketward.fleet.apple.command_record import AppleCommand
from pocketward.fleet.apple.rounds import ask
from pocketward.fleet.approvers import (
    has_second_channel,
    is_alone,
    other_approvers,
    seasoned_officers,
    seasoned_technicians,
)
from pocketward.fleet.devices import (
    assign_device,
    device_state,
    devices,
    devices_by_label,
    devices_of_member,
    enrollments,
    get_device,
    joined_since,
    removed_devices,
)
from pocketward.fleet.erase_ladder import call_off as call_off_erases
from pocketward.fleet.erase_ladder import erase_intents, erased, erased_at
from pocketward.fleet.giving_up import give_up_device, offer_access_identity
from pocketward.fleet.guard import has_kill_switch, kill_switch_is_on, may_destroy
from pocketward.fleet.guard_options import (
    MOST_GUARD_FIGURES,
    GuardFigures,
    GuardProposal,
    approve_guard_options,
    cancel_guard_options,
    guard_options,
    guard_proposals,
    propose_guard_options,
)
from pocketward.fleet.identities import can_be_told
from pocketward.fleet.listing import give_device, remove_device, restore_device
from pocketward.fleet.lost import (
    clear_lost,
    end_lost_case,
    mark_free,
    mark_held,
    mark_lost,
    note_reported,
)
from pocketward.fleet.orders import (
    approve_command,
    can_stop,
    check_approval,
    order_destructive,
    order_erase,
    stop_command,
)
from pocketward.fleet.plain_orders import ask_now, check_order, order_command, withdraw_command
from pocketward.fleet.push import Pushed, note_pushed, push_now, push_test
from pocketward.fleet.push_certificates import PushCertificateRecord, push_certificate, set_push_certificate
from pocketward.fleet.push_plans import push_soon
from pocketward.fleet.push_requests import PushRequestRecord, make_push_request, push_request
from pocketward.fleet.queue import (
    commands,
    get_command,
    orders_to_approve,
    waiting_for_approval,
)
from pocketward.fleet.records import (
    CommandRecord,
    DeviceRecord,
    EnrollmentRecord,
    EraseIntentRecord,
    Ticket,
)
from pocketward.fleet.state import has_told_since
from pocketward.fleet.stop_links import mail_stop_link
from pocketward.fleet.tickets import create_enrollment_ticket, may_erase, withdraw_ticket
from pocketward.fleet.unknown_keys import UnknownKeyRecord, unknown_keys
from pocketward.fleet.wide_changes import (
    approve_wide_change,
    changes_officers,
    is_wide,
    phones_here,
    require_no_kill_switch,
    wait_of_officer_change,
    wait_of_wide_change,
)

__all__ = (
    "MOST_GUARD_FIGURES",
    "AppProgress",
    "AppleCommand",
    "CommandRecord",
    "DeviceRecord",
    "EnrollmentRecord",
    "EraseIntentRecord",
    "GuardFigures",
    "GuardProposal",
    "PushCertificateRecord",
    "PushRequestRecord",
    "Pushed",
    "Ticket",
    "UnknownKeyRecord",
    "app_progress",
    "apple_commands",
    "approve_command",
    "approve_guard_options",
    "approve_wide_change",
    "ask",
    "ask_now",
    "assign_device",
    "call_off_erases",
    "can_be_told",
    "can_stop",
    "cancel_guard_options",
    "changes_officers",
    "check_approval",
    "check_order",
    "clear_lost",
    "commands",
    "create_enrollment_ticket",
    "device_state",
    "devices",
    "devices_by_label",
    "devices_of_member",
    "end_lost_case",
    "enrollments",
    "erase_intents",
    "erased",
    "erased_at",
    "get_command",
    "get_device",
    "give_device",
    "give_up_device",
    "guard_options",
    "guard_proposals",
    "has_kill_switch",
    "has_second_channel",
    "has_told_since",
    "is_alone",
    "is_wide",
    "joined_since",
    "kill_switch_is_on",
    "mail_stop_link",
    "make_push_request",
    "mark_free",
    "mark_held",
    "mark_lost",
    "may_destroy",
    "may_erase",
    "note_pushed",
    "note_reported",
    "offer_access_identity",
    "order_command",
    "order_destructive",
    "order_erase",
    "orders_to_approve",
    "other_approvers",
    "phones_here",
    "propose_guard_options",
    "push_certificate",
    "push_now",
    "push_request",
    "push_soon",
    "push_test",
    "remove_device",
    "removed_devices",
    "require_no_kill_switch",
    "restore_device",
    "seasoned_officers",
    "seasoned_technicians",
    "set_push_certificate",
    "stop_command",
    "unknown_keys",
    "wait_of_officer_change",
    "wait_of_wide_change",
    "waiting_for_approval",
    "withdraw_command",
    "withdraw_ticket",
)
