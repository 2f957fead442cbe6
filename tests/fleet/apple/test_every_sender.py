"""Nothing speaks to a phone but the one path through the guard: every sender in the product is walked.

The source is read for every way out of the process and every maker of a command; then each destructive
command is put into the queue behind the guard's back, and the wire must not hand it out.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pocketward
from pocketward.fleet import api as fleet
from pocketward.fleet import guard, queue
from pocketward.fleet.apple.catalogue import apple_commands
from pocketward.fleet.errors import CommandRefused
from pocketward.fleet.models import Command, Enrollment
from pocketward.fleet.models.commands import QUEUED, REFUSED
from pocketward.spine.api import unit_of_work
from tests.fleet.apple.conftest import Enrolled
from tests.fleet.apple.phones import HEALTHY

SOURCE = Path(pocketward.__file__).parent
# Who opens a connection or a socket of its own, and to whom. `urllib.parse` opens nothing.
WAYS_OUT = (
    "httpx", "socket", "smtplib", "ssl", "http", "urllib.request", "h2", "websockets", "requests", "ftplib"
)  # fmt: skip
MAY_CONNECT = {
    "fleet/push.py": "Apple's push service; a push carries no command",
    "cli/outside.py": "the doctor, which asks whether the server can be reached",
    "cli/demo.py": "free ports of this machine, and whether its own pages answer",
    "config/web_process.py": "the listener's own certificate",
    "config/worker_process.py": "nudges on a local socket",
    "spine/nudges.py": "nudges on a local socket",
    "gate/freshness.py": "nudges on a local socket",
}
DESTRUCTIVE = (*sorted((name, "") for name in guard.DESTRUCTIVE), ("RemoveProfile", guard.REMOVE_WORK_DATA))


def trees() -> dict[str, ast.Module]:
    """Every file of the product, by its path below the source folder."""
    return {
        str(path.relative_to(SOURCE)): ast.parse(path.read_text(encoding="utf-8"))
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts
    }


TREES = trees()


def users_of(name: str) -> set[str]:
    """The product's files that name this function or class."""
    found = set()
    for place, tree in TREES.items():
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        if name in names:
            found.add(place)
    return found


def imports(tree: ast.Module) -> set[str]:
    """The modules a file imports, with what it takes from them."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_only_these_files_open_a_connection_and_none_of_them_to_a_phone() -> None:
    ways = tuple(f"{way}." for way in WAYS_OUT)
    found = {
        place
        for place, tree in TREES.items()
        if any(f"{name}.".startswith(ways) for name in imports(tree)) and not place.startswith("protocols/")
    }
    assert found == set(MAY_CONNECT)


def test_bytes_of_commands_are_made_in_one_place_and_handed_out_in_one() -> None:
    assert users_of("command_plist") == {"fleet/apple/wire.py"}
    assert users_of("build_command") == {"fleet/apple/connect.py"}


def test_what_is_handed_out_comes_from_the_queue_which_asks_the_guard() -> None:
    assert users_of("next_command") == {"fleet/apple/connect.py"}
    assert users_of("_hand_out") == {"fleet/queue.py"}
    assert "fleet/queue.py" in users_of("refusal_at_hand_out")


def test_command_rows_are_made_by_the_queue_alone_and_through_the_guard() -> None:
    makers = set()
    for place, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "Command", "Command.objects.create", "Command.objects.bulk_create",
                "Command.objects.get_or_create", "Command.objects.update_or_create",
            ):  # fmt: skip
                makers.add(place)
    assert makers - {place for place in makers if place.startswith("protocols/")} == {"fleet/queue.py"}
    assert users_of("add_command") <= {"fleet/orders.py", "fleet/plain_orders.py", "fleet/erase_ladder.py"}
    assert {"fleet/orders.py", "fleet/plain_orders.py"} <= users_of("refusal_at_order")


def test_pushes_carry_no_command() -> None:
    assert users_of("mdm_push") == {"fleet/push.py"}


def test_the_catalogue_and_the_guard_name_the_same_destructive_commands() -> None:
    assert {name for name, entry in apple_commands().items() if entry.destructive} == set(guard.DESTRUCTIVE)


@unit_of_work
def slipped_in(
    phone: Enrolled, request_type: str, purpose: str, identifier: str = "org.example.profile"
) -> Command:
    """A command put into the queue by somebody who asked no guard."""
    return queue.add_command(
        enrollment=Enrollment.objects.get(pk=phone.enrollment_id),
        request_type=request_type,
        params={"identifier": identifier},
        state=QUEUED,
        urgent=True,
        purpose=purpose,
        case_ref="",
        by="system:test",
    )


@pytest.mark.parametrize(("request_type", "purpose"), DESTRUCTIVE)
def test_a_destructive_command_that_slipped_past_the_order_is_not_handed_out(
    phone: Enrolled, request_type: str, purpose: str
) -> None:
    phone.wire.work_through(HEALTHY)
    row = slipped_in(phone, request_type, purpose)
    command = phone.wire.next()
    assert command is None or command.request_type != request_type
    row.refresh_from_db()
    assert row.state == REFUSED


OTHERS = ("org.pocketward.prac_x.management", "org.example.profile", "org.pocketward.a.b.access", "")


@pytest.mark.parametrize("identifier", OTHERS)
@pytest.mark.parametrize("purpose", ["", "policy"])
def test_removing_a_profile_that_is_not_plainly_a_lesser_one_of_ours_is_destructive_whatever_its_label(
    phone: Enrolled, identifier: str, purpose: str
) -> None:
    phone.wire.work_through(HEALTHY)
    with pytest.raises(CommandRefused):
        fleet.order_command(
            device_id=phone.device_id, request_type="RemoveProfile", params={"identifier": identifier},
            purpose=purpose, by="system:test",
        )  # fmt: skip
    row = slipped_in(phone, "RemoveProfile", purpose, identifier)
    assert row.destructive
    assert phone.wire.next() is None
    row.refresh_from_db()
    assert row.state == REFUSED


@pytest.mark.parametrize("name", ["access", "policy"])
def test_our_access_and_policy_profiles_are_removed_by_an_ordinary_order(phone: Enrolled, name: str) -> None:
    phone.wire.work_through(HEALTHY)
    ours = f"org.pocketward.prac_x.{name}"
    fleet.order_command(
        device_id=phone.device_id, request_type="RemoveProfile", params={"identifier": ours}, by="system:test"
    )
    command = phone.wire.next()
    assert command is not None
    assert (command.request_type, command.params) == ("RemoveProfile", {"Identifier": ours})
