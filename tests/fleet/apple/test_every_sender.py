"""Nothing speaks to a phone but the one path through the guard: every sender in the product is walked."""

from __future__ import annotations

import ast
from pathlib import Path

import pocketward

SOURCE = Path(pocketward.__file__).parent
FLEET = SOURCE / "fleet"


def users_of(name: str) -> set[str]:
    """The product's files that name this function or class, relative to the source folder."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        if name in names:
            found.add(str(path.relative_to(SOURCE)))
    return found


def test_bytes_of_commands_are_made_in_one_place_and_handed_out_in_one() -> None:
    assert users_of("command_plist") == {"fleet/apple/wire.py"}
    assert users_of("build_command") == {"fleet/apple/connect.py"}


def test_what_is_handed_out_comes_from_the_queue_which_asks_the_guard() -> None:
    assert users_of("next_command") == {"fleet/apple/connect.py"}
    assert "fleet/queue.py" in users_of("refusal_at_hand_out")


def test_command_rows_are_made_by_the_queue_alone_and_through_the_guard() -> None:
    assert users_of("add_command") <= {"fleet/orders.py", "fleet/erase_ladder.py"}
    assert "fleet/orders.py" in users_of("refusal_at_order")


def test_pushes_carry_no_command() -> None:
    assert users_of("mdm_push") == {"fleet/push.py"}
