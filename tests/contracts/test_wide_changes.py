"""Every verb that could close phones is known, and goes past the guard: only rollout calls it."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "pocketward"
DOORS = ("access", "practice", "policy", "posture")
# Called by rollout alone, which counts the phones they close.
CLOSING = {
    "access": {
        "change_app", "end_permit", "name_network", "remove_app", "set_access_rules", "set_app_mode",
        "set_role_matrix",
    },
    "practice": {"change_roles", "end_role", "mark_left"},
    "policy": {"set_policy"},
    "posture": set(),
}  # fmt: skip
# What changes something and closes no phone by a person's change, with the reason.
OTHERS = {
    "access": {
        "drain_decisions": "keeps what the gate decided",
        "end_emergency": "ends half an hour of access that ends by itself",
        "end_gate_sessions": "sessions begin again with a sign-in",
        "give_permit": "opens",
        "lift_hold": "opens",
        "note_header_alarm": "keeps a security event",
        "open_emergency": "opens",
        "place_hold": "a report, or an officer, on phones named one by one: never counted",
        "prepare_practice": "sets rules only where there are none",
        "read_emergency": "keeps who read a review",
        "review_emergency": "judges what is over",
        "register_app": "takes only addresses that nobody has",
        "require_fresh_passkey": "asks one person to sign in anew",
        "set_default_rules": "called where there are no rules yet",
        "invite": "makes a link",
        "join": "opens an account",
        "issue_code": "hands a sign-in over",
        "redeem_code": "begins a session",
        "spend_recovery_code": "spends a code",
        "start_practice": "makes a practice",
    },
    "practice": {
        "add_member": "adds",
        "add_site": "no rule asks where somebody works",
        "be_born": "marks a new database",
        "change_practice": "names, numbers and ways to sign in: no phone of the staff closes",
        "change_site": "no rule asks where somebody works",
        "create_practice": "makes a practice",
        "end_service_grant": "a technician of the IT provider opens no records",
        "end_site": "no rule asks where somebody works",
        "give_role": "opens",
        "give_service_grant": "lets somebody look",
        "import_people": "adds",
        "invite_member": "makes a link",
        "invite_to_new_sign_in": "makes a link",
        "make_demo_link": "makes a link",
        "make_owner_link": "makes a link",
        "make_stop_link": "makes a link",
        "note_passkey": "keeps when a passkey was proven",
        "open_account": "opens an account",
        "require_fresh_sign_in": "asks one person to sign in anew",
        "set_on_call": "says who is paged",
        "set_site": "no rule asks where somebody works",
        "spend_link": "spends a link",
    },
    "policy": {},
    "posture": {"import_feed": "what closes then is a failed check"},
}
# They can make an officer, which is rollout's to judge once phones are here; a first owner has nobody to ask.
APPOINTING = {"practice": {"add_member", "give_role", "import_people"}}
MAY_APPOINT = ("practice/", "rollout/", "cli/demo_world.py", "access/sign_in/entry.py")
# The domains' own folders, and the demo's first rules, set before any phone is there.
ALLOWED = ("policy/", "access/", "practice/", "rollout/", "cli/demo_world.py")


def changing(domain: str) -> Iterator[str]:
    """The verbs of a door that write: one transaction, or by somebody."""
    api = importlib.import_module(f"pocketward.{domain}.api")
    for name in api.__all__:
        verb: Callable[..., Any] = getattr(api, name)
        if inspect.isfunction(verb) and (hasattr(verb, "__wrapped__") or _names_who(verb)):
            yield name


def _names_who(verb: Callable[..., Any]) -> bool:
    return bool({"by", "by_member_id"} & set(inspect.signature(verb).parameters))


@pytest.mark.parametrize("domain", DOORS)
def test_every_verb_that_changes_something_says_whether_it_can_close_phones(domain: str) -> None:
    known = CLOSING[domain] | set(OTHERS[domain])
    assert set(changing(domain)) - known == set(), "can it close phones? then it goes through rollout"
    assert known - set(importlib.import_module(f"pocketward.{domain}.api").__all__) == set()


@pytest.mark.parametrize(
    ("verbs", "allowed", "one"),
    [(CLOSING, ALLOWED, "rollout/kinds.py"), (APPOINTING, MAY_APPOINT, "rollout/verbs.py")],
)
def test_only_rollout_calls_the_verbs_that_the_guard_must_judge(
    verbs: dict[str, set[str]], allowed: tuple[str, ...], one: str
) -> None:
    callers = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if _calls(node, verbs):
                callers.add(path.relative_to(SOURCE).as_posix())
    assert one in callers
    assert [name for name in sorted(callers) if not name.startswith(allowed)] == []


def _calls(node: ast.AST, verbs: dict[str, set[str]]) -> bool:
    """Whether it takes such a verb from its domain's own door: `access_api.remove_app`, or by its name."""
    if isinstance(node, ast.ImportFrom):
        domain = (node.module or "").removeprefix("pocketward.").partition(".")[0]
        return any(alias.name in verbs.get(domain, set()) for alias in node.names)
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return False
    return node.attr in verbs.get(node.value.id.removesuffix("_api"), set())
