"""`make new kind=… name=…`: a new entry of a catalogue and its test, from a template."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

CHECK = '''"""One line: what this check makes sure of."""

from __future__ import annotations

from pocketward.posture.records import FAIL, PASS, UNKNOWN, CheckInput, CheckResult, CheckSpec, judged

ID = "{name}"


def run(given: CheckInput) -> CheckResult:
    """Source: which message and key the fact comes from."""
    fact = given.fact("{name}")
    if fact is None:
        return judged(ID, UNKNOWN, "not_known", name="{name}")
    return judged(ID, PASS if fact.value else FAIL, "" if fact.value else "failed", fact=fact, name="{name}")


ENTRY = CheckSpec(ID, run, ("failed", "not_known"))
'''
RULE = '''"""One line: what this rule means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.policy.records import RuleSpec, Wearer, keys_of

_DEFAULT: dict[str, Any] = {{}}


def _read(value: Any) -> Mapping[str, Any]:
    return _DEFAULT | keys_of(value, {{}})


def _require(settings: Mapping[str, Any], wearer: Wearer) -> Mapping[str, Any]:
    return {{}}


def _sentence(settings: Mapping[str, Any]) -> str:
    return "Say it to people."


ENTRY = RuleSpec("{name}", _DEFAULT, _read, _require, _sentence)
'''
TEST = '''"""{name}: what it must do."""

from __future__ import annotations

from {module} import ENTRY


def test_it_is_in_the_catalogue_under_its_own_name() -> None:
    assert ENTRY.id == "{name}"
'''
# kind -> (file, module, template)
KINDS = {
    "posture-check": (
        "src/pocketward/posture/checks/{name}/__init__.py", "pocketward.posture.checks.{name}", CHECK
    ),
    "policy-rule": ("src/pocketward/policy/rules/{name}.py", "pocketward.policy.rules.{name}", RULE),
}  # fmt: skip


def main() -> int:
    """Write the two files; 2 when the kind or name will not do, or the entry exists."""
    kind, name = (*sys.argv[1:3], "", "")[:2]
    if kind not in KINDS or not re.fullmatch(r"[a-z][a-z0-9_]{2,40}", name):
        print(f"Say: make new kind={'|'.join(KINDS)} name=some_name", file=sys.stderr)
        return 2
    file, module, template = KINDS[kind]
    entry = ROOT / file.format(name=name)
    test = ROOT / "tests" / module.split(".")[1] / f"test_{name}.py"
    if entry.exists() or test.exists():
        print(f"{entry} or {test} exists already.", file=sys.stderr)
        return 2
    entry.parent.mkdir(parents=True, exist_ok=True)
    entry.write_text(template.format(name=name), encoding="utf-8")
    test.write_text(TEST.format(name=name, module=module.format(name=name)), encoding="utf-8")
    print(entry.relative_to(ROOT), test.relative_to(ROOT), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
