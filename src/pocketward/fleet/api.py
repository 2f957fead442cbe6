"""The door of the fleet."""

from __future__ import annotations

from pocketward.fleet.apple.catalogue import apple_commands
from pocketward.fleet.apple.command_record import AppleCommand
from pocketward.fleet.apple.rounds import ask
from pocketward.fleet.devices import (
    assign_device,
    device_state,
    devices,
    devices_by_label,
    devices_of_member,
    enrollments,
    get_device,
    joined_since,
    remove_device,
)
from pocketward.fleet.erase_ladder import erase_intents
from pocketward.fleet.guard import kill_switch_is_on
from pocketward.fleet.guard_options import approve_guard_options, propose_guard_options
from pocketward.fleet.lost import clear_lost, mark_lost
from pocketward.fleet.orders import (
    approve_command,
    check_approval,
    order_command,
    order_destructive,
    order_erase,
    other_approvers,
    stop_command,
    waiting_for_approval,
)
from pocketward.fleet.push import push_test
from pocketward.fleet.push_certificates import PushCertificateRecord, push_certificate, set_push_certificate
from pocketward.fleet.queue import commands, get_command, push_soon
from pocketward.fleet.records import (
    CommandRecord,
    DeviceRecord,
    EnrollmentRecord,
    EraseIntentRecord,
    Ticket,
)
from pocketward.fleet.tickets import create_enrollment_ticket, may_erase

__all__ = (
    "AppleCommand",
    "CommandRecord",
    "DeviceRecord",
    "EnrollmentRecord",
    "EraseIntentRecord",
    "PushCertificateRecord",
    "Ticket",
    "apple_commands",
    "approve_command",
    "approve_guard_options",
    "ask",
    "assign_device",
    "check_approval",
    "clear_lost",
    "commands",
    "create_enrollment_ticket",
    "device_state",
    "devices",
    "devices_by_label",
    "devices_of_member",
    "enrollments",
    "erase_intents",
    "get_command",
    "get_device",
    "joined_since",
    "kill_switch_is_on",
    "mark_lost",
    "may_erase",
    "order_command",
    "order_destructive",
    "order_erase",
    "other_approvers",
    "propose_guard_options",
    "push_certificate",
    "push_soon",
    "push_test",
    "remove_device",
    "set_push_certificate",
    "stop_command",
    "waiting_for_approval",
)
