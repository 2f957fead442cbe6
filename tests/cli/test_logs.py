"""What reaches the log: never the words of an exception, never a secret of an address."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENT = "Rosa Diaz, HIV"

SCRIPT = """
import logging, sys, threading
from pocketward.cli.logs import set_up_logs
from pocketward.kernel.errors import PocketwardError
set_up_logs("INFO")
log = logging.getLogger("pocketward.test")
class Ours(PocketwardError):
    code = "test.ours"
def deep():
    raise ValueError("row (Rosa Diaz, HIV) already exists")
try:
    try:
        deep()
    except ValueError as error:
        raise Ours("Rosa Diaz, HIV") from error
except Ours:
    log.exception("job %s failed", 7)
log.warning("asked /join/0123456789abcdef for it")
thread = threading.Thread(target=deep, name="writer")
thread.start()
thread.join()
deep()
"""


def logged() -> list[dict[str, Any]]:
    """The lines of a process that fails in every way."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=ROOT, timeout=60,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin"},
    )  # fmt: skip
    assert done.returncode == 1
    assert PATIENT not in done.stderr + done.stdout
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_an_exception_is_logged_by_type_code_and_place_and_never_by_its_words() -> None:
    failed, address, thread, last = logged()
    assert failed["event"] == "job 7 failed"
    types = [line for line in failed["exception"] if not line.startswith("  ")]
    assert types == ["__main__.Ours (test.ours)", "builtins.ValueError"]
    assert any(line.endswith(" deep") for line in failed["exception"])
    assert "0123456789abcdef" not in json.dumps(address)
    assert thread["event"] == "a thread ended by an error: writer"
    assert thread["exception"][0] == last["exception"][0] == "builtins.ValueError"


def test_lines_of_the_product_never_format_an_exception_into_their_text() -> None:
    """`log.x("…: %s", error)` would bring the words back in by the front door."""
    import ast

    wrong = []
    for path in (ROOT / "src" / "pocketward").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_log = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and hasattr(logging.Logger, node.func.attr)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in ("log", "logger", "logging")
            )
            if is_log and any(
                isinstance(item, ast.Name) and item.id in ("error", "exc") for item in node.args
            ):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []
