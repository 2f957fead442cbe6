"""`make acceptance`: one line a row of docs/acceptance.md, from the last whole run on this very tree."""

from __future__ import annotations

import contextlib
import json
import re
import sys

import pytest

from tests.acceptance_marks import RESULTS, ROOT, AcceptanceResults, tree_digest

ROW = re.compile(r"^\| (S\d+) \|(?:[^|]*\|){3} ?([^|]*)\|")


def table() -> dict[str, tuple[str, ...]]:
    """The rows of the table, each with the names of its parts."""
    text = (ROOT / "docs" / "acceptance.md").read_text(encoding="utf-8")
    found = {}
    for line in text.splitlines():
        match = ROW.match(line)
        if match:
            found[match[1]] = tuple(part.strip() for part in match[2].split(",") if part.strip())
    return found


def line_of(row: str, parts: tuple[str, ...], outcomes: dict[str, list[str]]) -> str:
    """`S17 met 3`, `S94 part 1/2 proxy` or `S17 open`."""
    met = [part for part in (parts or ("",)) if outcomes.get(part) and set(outcomes[part]) == {"passed"}]
    if len(met) == len(parts or ("",)):
        return f"{row} met {sum(len(outcomes[part]) for part in met)}"
    if met:
        return f"{row} part {len(met)}/{len(parts)} {', '.join(met)}"
    return f"{row} open"


def results() -> dict[str, dict[str, list[str]]]:
    """The rows' outcomes on this tree; the marked tests are run when there are none."""
    for again in (True, False):
        if RESULTS.exists():
            kept = json.loads(RESULTS.read_text(encoding="utf-8"))
            if kept["tree"] == tree_digest():
                rows: dict[str, dict[str, list[str]]] = kept["rows"]
                return rows
        if again:
            marked = ["-q", "tests/journeys", "tests/browser"]
            # Standard output is for the table alone: others read it.
            with contextlib.redirect_stdout(sys.stderr):
                pytest.main(marked, plugins=[AcceptanceResults(whole_run=True)])
    return {}


def main() -> int:
    """Print the table's state."""
    outcomes = results()
    lines = [line_of(row, parts, outcomes.get(row, {})) for row, parts in table().items()]
    print("\n".join(lines))
    print(f"{sum(' met ' in line for line in lines)} of {len(lines)} met")
    return 0


if __name__ == "__main__":
    sys.exit(main())
