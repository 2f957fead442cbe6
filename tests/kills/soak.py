"""`make soak`: the lost-phone story again and again, each in a new clinic, then a minute of random deaths.

In that minute a worker or a gate is killed every few seconds while phones report and facts are sealed. Ends
when the wanted number of deaths is reached, or at the first telling after which something is lost, double
or unproven.
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.factories.postgres import start_cluster
from tests.journeys.conftest import wait_for
from tests.kills import test_kills as checks
from tests.kills.killing import ROLES
from tests.kills.test_kills import Told, start, tell

CHECKS = (
    checks.test_reports_holds_ended_sessions_and_held_certificates_are_there_once,
    checks.test_every_lock_was_ordered_once_and_climbed_each_rung_once,
    checks.test_the_erase_was_ordered_approved_done_and_proven_once,
    checks.test_every_case_was_called_out_or_answered_before_and_no_call_was_recorded_twice,
    checks.test_no_work_is_left_lying_and_none_was_given_up,
    checks.test_every_fact_is_sealed_and_the_ledger_verifies,
)
PAUSE_SECONDS = (6.0, 14.0)


def disturb(told: Told, stop: threading.Event) -> None:
    """Kill workers and gates; pages are killed at the story's own points."""
    while not stop.wait(random.uniform(*PAUSE_SECONDS)):
        told.killer.kill(random.choice(ROLES[1:]))


def one_round(folder: Path, kind: str, cluster: object) -> int:
    """One clinic, one story, all checks; how many deaths there were."""
    database = cluster.copy() if kind == "postgresql" else None  # type: ignore[attr-defined]
    clinic = start(folder / f"{kind}-{time.monotonic_ns()}", database)
    try:
        told = tell(clinic)
        if told.fault is not None:
            raise told.fault
        stop = threading.Event()
        thread = threading.Thread(target=disturb, args=(told, stop))
        thread.start()
        time.sleep(60)
        stop.set()
        thread.join()
        wait_for(lambda: set(ROLES) <= set(told.killer.look()), "all processes to run")
        for check in CHECKS:
            check(told)
        return len(told.killer.kills)
    finally:
        clinic.stop()


def main(wanted: int) -> int:
    """Tell until `wanted` deaths were died; 0 when nothing was lost."""
    cluster, deaths = start_cluster(), 0
    try:
        with tempfile.TemporaryDirectory(prefix="pocketward-soak-") as folder:
            while deaths < wanted:
                for kind in checks.KINDS:
                    deaths += one_round(Path(folder), kind, cluster)
                    print(f"{deaths} of {wanted} deaths, the last on {kind}: nothing lost", flush=True)
    finally:
        cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
