"""`make bench`: every benchmark in turn, a table on the screen and var/bench.json for other programs."""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

# Each module has run() -> a list of results: name, value, unit, against, ratio, limit, runs, ok.
MODULES = (
    "bench.gate", "bench.connect", "bench.list_of_phones", "bench.memory", "bench.start", "bench.lost_story",
    "bench.gate_lost",
)  # fmt: skip
RESULTS = Path(__file__).resolve().parent.parent / "var" / "bench.json"
COLUMNS = ("name", "value", "unit", "against", "ratio", "limit", "runs", "ok")
LONGEST_SECONDS = 600


def main() -> int:
    """Run them; 1 when a limit was missed, or there was no time to measure something."""
    started, results = time.monotonic(), []
    for name in MODULES:
        if time.monotonic() - started > LONGEST_SECONDS:
            print(f"No time left for {name}.")
            results.append(not_measured(name))
            continue
        results += importlib.import_module(name).run()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1), encoding="utf-8")
    print_table(results)
    return 0 if all(result["ok"] for result in results) else 1


def not_measured(module: str) -> dict[str, Any]:
    """The result of a module that was not run: nothing was measured, so nothing is shown to hold."""
    nothing = dict.fromkeys(COLUMNS)
    return nothing | {"name": module.removeprefix("bench."), "unit": "not measured", "runs": 0, "ok": False}


def print_table(results: list[dict[str, Any]]) -> None:
    """One line a result."""
    rows = [COLUMNS, *([str(result.get(name, "")) for name in COLUMNS] for result in results)]
    widths = [max(len(row[number]) for row in rows) for number in range(len(COLUMNS))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)))


if __name__ == "__main__":
    sys.exit(main())
