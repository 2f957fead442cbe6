"""`make new kind=… name=…`: a new entry of a catalogue and its test, from a template.

What it writes passes `make check` as it is; what it means is still to be written.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

CHECK = '''"""One line: what this check makes sure of."""

from __future__ import annotations

from pocketward.posture.records import FAIL, PASS, UNKNOWN, CheckInput, CheckResult, CheckSpec, judged

ID = "{name}"


def run(given: CheckInput) -> CheckResult:
    """Source: which message and key the fact comes from."""
    fact = given.fact(ID)
    if fact is None:
        return judged(ID, UNKNOWN, "not_known", name=ID)
    if fact.value:
        return judged(ID, PASS, fact=fact, name=ID)
    return judged(ID, FAIL, "failed", fact=fact, name=ID)


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
FIXIT = """[failed]
title = "Say what is wrong"
consequence = "Say what stays open or closed."
why = "Say why it matters."
steps = ["Say what to do."]
minutes = 5
needs = "Wi-Fi"
how_we_know = "The phone reports it."

[not_known]
title = "We do not know this yet"
consequence = "Records stay closed until we know."
why = "Not knowing is not the same as safe."
steps = ["Unlock the phone.", "Keep it on Wi-Fi for a minute.", "Open the records again."]
minutes = 2
needs = "Wi-Fi"
how_we_know = "The phone has not told us, or told us too long ago."
"""
FIXIT_SPANISH = """[failed]
title = "Diga qué falta"
consequence = "Diga qué queda abierto o cerrado."
why = "Diga por qué importa."
steps = ["Diga qué hacer."]
minutes = 5
needs = "Wi-Fi"
how_we_know = "El teléfono lo informa."

[not_known]
title = "Todavía no lo sabemos"
consequence = "Los expedientes siguen cerrados hasta saberlo."
why = "No saber no es lo mismo que estar seguro."
steps = ["Desbloquee el teléfono.", "Téngalo un minuto con Wi-Fi.", "Abra otra vez los expedientes."]
minutes = 2
needs = "Wi-Fi"
how_we_know = "El teléfono no lo ha dicho, o lo dijo hace demasiado tiempo."
"""
COMMAND = '''"""One line: what this command makes a phone do."""

from __future__ import annotations

from pocketward.fleet.apple.command_record import AppleCommand

ENTRY = AppleCommand(id="{name}", request_type="{camel}")
'''
PLAYBOOK = """# One line: when this playbook is followed.
id: {name}
version: 1
title: Say what happened
steps:
  - id: look
    title: Say the first, safest step
    who: officer
    binding: person
    minutes: 15
    offline: Say what to do when this server cannot be reached.
"""
TEST = '''"""{name}: what it must do."""

from __future__ import annotations

from {module} import ENTRY


def test_{name}_is_in_the_catalogue_under_its_own_name() -> None:
    assert ENTRY.id == "{name}"
'''
PLAYBOOK_TEST = '''"""{name}: what it must do."""

from __future__ import annotations

from pocketward.response.api import playbook


def test_{name}_can_be_followed_from_its_first_step() -> None:
    assert playbook("{name}").steps[0].id == "look"
'''


@dataclass(frozen=True)
class Kind:
    """One kind of entry: where its files and its test go, each with its template."""

    files: Mapping[str, str]
    test_folder: str
    module: str = ""
    test: str = TEST


KINDS = {
    "posture-check": Kind(
        {
            "src/pocketward/posture/checks/{name}/__init__.py": CHECK,
            "src/pocketward/posture/checks/{name}/fixit.en.toml": FIXIT,
            "src/pocketward/posture/checks/{name}/fixit.es.toml": FIXIT_SPANISH,
        },
        "tests/posture",
        "pocketward.posture.checks.{name}",
    ),
    "policy-rule": Kind(
        {"src/pocketward/policy/rules/{name}.py": RULE}, "tests/policy", "pocketward.policy.rules.{name}"
    ),
    "apple-command": Kind(
        {"src/pocketward/fleet/apple/commands/{name}.py": COMMAND},
        "tests/fleet/apple",
        "pocketward.fleet.apple.commands.{name}",
    ),
    "playbook": Kind(
        {"src/pocketward/response/playbooks/{name}.yaml": PLAYBOOK}, "tests/response", test=PLAYBOOK_TEST
    ),
}


def write_entry(root: Path, kind: str, name: str) -> list[Path]:
    """Write the files of a new entry below `root`; FileExistsError, and nothing written, if one is there."""
    spec = KINDS[kind]
    words = {
        "name": name,
        "camel": "".join(word.capitalize() for word in name.split("_")),
        "module": spec.module.format(name=name),
    }
    texts = {root / path.format(**words): text.format(**words) for path, text in spec.files.items()}
    texts[root / spec.test_folder / f"test_{name}.py"] = spec.test.format(**words)
    there = [path for path in texts if path.exists()]
    if there:
        raise FileExistsError(f"{there[0].relative_to(root)} exists already.")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(texts)


def main() -> int:
    """Write the entry and its test; 2 when the kind or name will not do, or a file of theirs exists."""
    kind, name = (*sys.argv[1:3], "", "")[:2]
    if kind not in KINDS or not re.fullmatch(r"[a-z][a-z0-9_]{2,40}", name):
        print(f"Say: make new kind={'|'.join(KINDS)} name=some_name", file=sys.stderr)
        return 2
    try:
        written = write_entry(ROOT, kind, name)
    except FileExistsError as error:
        print(error, file=sys.stderr)
        return 2
    print(*(path.relative_to(ROOT) for path in written), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
