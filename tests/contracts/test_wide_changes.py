"""Nothing above rollout puts a change in force that could close many phones, past the guard."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "pocketward"
VERBS = {"set_policy", "set_access_rules", "set_role_matrix", "set_app_mode"}
# The domains' own folders, and the demo's first rules, set before any phone is there.
ALLOWED = ("policy/", "access/", "rollout/kinds.py", "cli/demo_world.py")


def test_only_rollout_calls_the_verbs_that_can_close_many_phones() -> None:
    callers = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in VERBS:
                callers.add(path.relative_to(SOURCE).as_posix())
    assert "rollout/kinds.py" in callers
    assert [name for name in sorted(callers) if not name.startswith(ALLOWED)] == []
