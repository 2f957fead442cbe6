"""`make docs`: writes docs/reference from the catalogues and the command line itself."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from pocketward.cli.main import VERBS
from pocketward.cli.start import set_up_django


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |"


def checks() -> str:
    """The posture checks, with every code they can give."""
    from pocketward.posture.api import check_ids, fixits

    rows = (
        (f"`{check}`", f"`{code}`", text.title, text.how_we_know)
        for check in check_ids()
        for code, text in fixits(check=check, language="en").items()
    )
    return "\n".join(
        ["# Checks", "", *_table(("check", "code", "what people read", "how we know"), rows), ""]
    )


def commands() -> str:
    """The Apple commands."""
    from pocketward.fleet.api import apple_commands

    rows = (
        (
            f"`{spec.request_type}`",
            spec.lane,
            "yes" if spec.supervised_only else "",
            "yes" if spec.containment else "",
        )
        for spec in apple_commands().values()
    )
    head = ("command", "lane", "supervised only", "containment")
    return "\n".join(["# Apple commands", "", *_table(head, rows), ""])


def rules() -> str:
    """The rules of the policy file."""
    from pocketward.policy.api import rules as catalogue

    rows = (
        (f"`{rule.id}`", f"`{rule.default}`", rule.sentence(rule.read(rule.default)))
        for rule in catalogue().values()
    )
    return "\n".join(["# Policy rules", "", *_table(("rule", "default", "in words"), rows), ""])


def playbooks() -> str:
    """The steps of every playbook."""
    from pocketward.response.api import playbooks as catalogue

    head = ("step", "who", "minutes", "when this server cannot be reached")
    lines = ["# Playbooks", ""]
    for found in catalogue():
        rows = ((step.title, step.who, step.minutes, step.offline) for step in found.steps)
        lines += [f"## {found.title}", "", *_table(head, rows), ""]
    return "\n".join(lines)


def command_line() -> str:
    """Every verb of the `pocketward` command, and what it may be told.

    Made from the parser's parts and not from its help text, whose line breaks depend on who reads it.
    """
    lines = ["# Commands", ""]
    for name, (module, text) in VERBS.items():
        one = argparse.ArgumentParser(prog=f"pocketward {name}", add_help=False)
        importlib.import_module(module).add_arguments(one)
        lines += [f"## `pocketward {name}`", "", f"{text[0].upper()}{text[1:]}.", ""]
        rows = tuple(_arguments(one))
        lines += [*_table(("argument", "means"), rows), ""] if rows else []
    return "\n".join(lines)


def _arguments(one: argparse.ArgumentParser, before: str = "") -> Iterator[tuple[str, str]]:
    for action in one._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield f"`{before}{name}`", below.description or ""
                yield from _arguments(below, f"{before}{name} ")
        elif action.dest != "help":
            yield f"`{before}{', '.join(action.option_strings) or action.dest}`", action.help or ""


PAGES = {
    "checks.md": checks,
    "apple-commands.md": commands,
    "policy-rules.md": rules,
    "playbooks.md": playbooks,
    "command-line.md": command_line,
}


def main() -> int:
    """Write every page into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        set_up_django(Path(home), "demo")
        for name, make in PAGES.items():
            (folder / name).write_text(make(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
