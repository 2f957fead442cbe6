"""`make docs`: writes docs/reference from the catalogues and the command line itself."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from pocketward.cli.main import VERBS, parser
from pocketward.cli.start import set_up_django


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |"


def checks() -> str:
    """The posture checks, with every code they can give."""
    from pocketward.posture.fixit import fixits
    from pocketward.posture.verdict import catalogue

    rows = (
        (f"`{spec.id}`", f"`{code}`", text.title, text.how_we_know)
        for spec in catalogue().values()
        for code, text in fixits(spec.id, "en").items()
    )
    return "\n".join(
        ["# Checks", "", *_table(("check", "code", "what people read", "how we know"), rows), ""]
    )


def commands() -> str:
    """The Apple commands."""
    from pocketward.fleet.apple.catalogue import apple_commands

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
    from pocketward.policy.document import rules as catalogue

    rows = (
        (f"`{rule.id}`", f"`{rule.default}`", rule.sentence(rule.read(rule.default)))
        for rule in catalogue().values()
    )
    return "\n".join(["# Policy rules", "", *_table(("rule", "default", "in words"), rows), ""])


def playbooks() -> str:
    """The steps of the lost-device playbook."""
    from pocketward.response.api import playbook

    found = playbook("lost_device")
    rows = ((step.title, step.who, step.minutes, step.offline) for step in found.steps)
    head = ("step", "who", "minutes", "when this server cannot be reached")
    return "\n".join([f"# {found.title}", "", *_table(head, rows), ""])


def command_line() -> str:
    """Every verb of the `pocketward` command."""
    rows = ((f"`pocketward {name}`", text) for name, (_, text) in VERBS.items())
    usage = parser().format_help().replace("usage: ", "")
    return "\n".join(["# Commands", "", *_table(("command", "does"), rows), "", "```", usage, "```", ""])


PAGES = {
    "checks.md": checks,
    "apple-commands.md": commands,
    "policy-rules.md": rules,
    "lost-device-playbook.md": playbooks,
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
