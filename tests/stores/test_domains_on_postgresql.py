"""The domains' own tests once more, with PostgreSQL under them instead of SQLite."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.factories.postgres import ROOT, Cluster

# Those whose tests write rows. Each test is one transaction in one database that is undone at its end.
DOMAINS = ("spine", "ledger", "pki", "practice", "fleet", "access", "overview")

# What takes long and says nothing more about the database than the rest: random answers by the thousand,
# and what reads bytes rather than rows.
LEFT_OUT = (
    "--ignore=tests/fleet/apple/test_queue_property.py",
    "--ignore=tests/fleet/apple/test_rubbish_in_answers.py",
    "--ignore=tests/fleet/apple/test_commands.py",
    "--ignore=tests/fleet/apple/test_every_sender.py",
    "--ignore=tests/fleet/apple/test_identity.py",
    "--deselect=tests/fleet/test_queue.py::test_every_command_ends_in_exactly_one_end_state",
    "--deselect=tests/access/test_decisions.py::"
    "test_a_thousand_decisions_from_the_table_are_made_again_exactly",
)

# Why a test of SQLite's own means may be left out here.
SQLITE_ONLY = "PostgreSQL has keys and policies instead"


@pytest.fixture(scope="module")
def outcome(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, str]]]:
    """Domain -> (test, what failed) of one pytest process on PostgreSQL; nothing failed: an empty text."""
    report = tmp_path_factory.mktemp("report") / "report.xml"
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", f"--junitxml={report}",
            # Threads that a test leaves behind end with their connection; psycopg says so, sqlite3 does not.
            "-o", "filterwarnings=error\nignore:.*was deleted while still open:ResourceWarning",
            *LEFT_OUT,
            *[f"tests/{domain}" for domain in DOMAINS],
        ],
        cwd=ROOT, env=postgres.for_test_run(), capture_output=True, text=True, timeout=1200,
    )  # fmt: skip
    assert report.exists(), done.stdout[-3000:] + done.stderr[-3000:]
    return _read(report)


def _read(report: Path) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {domain: [] for domain in DOMAINS}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        skipped = [item for item in case.iter("skipped") if SQLITE_ONLY not in str(item.get("message"))]
        wrong = [*case.iter("failure"), *case.iter("error"), *skipped]
        said = "\n".join(str(item.text or item.get("message")) for item in wrong)
        domain = str(case.get("classname")).split(".")[1]
        found[domain].append((f"{case.get('classname')}.{case.get('name')}", said))
    return found


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_tests_of_a_domain_pass_on_postgresql(
    outcome: dict[str, list[tuple[str, str]]], domain: str
) -> None:
    assert len(outcome[domain]) > 10, "its tests ran"
    wrong = [f"{name}\n{said[-2500:]}" for name, said in outcome[domain] if said]
    assert not wrong, "\n\n".join(wrong)
