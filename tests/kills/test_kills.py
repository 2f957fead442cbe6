"""Over thirty deaths by SIGKILL in the lost-phone story: all done once, nothing lost, the ledger whole."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.factories.postgres import Cluster, Database
from tests.journeys.conftest import Clinic, wait_for
from tests.kills.killing import Killer, children, is_running
from tests.kills.story import BEN, PHONES, Story

KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Told:
    """A clinic after its story, with what went wrong in the telling."""

    clinic: Clinic
    killer: Killer
    fault: BaseException | None


def start(home: Path, database: Database | None) -> Clinic:
    """A clinic whose processes look at a file of fault points, and whose work is taken up again soon."""
    file = home.with_suffix(".fault")
    return Clinic(
        home,
        *("--phones", ",".join(PHONES), "--set", "longest_lease_seconds=2"),
        database=database,
        environment={"POCKETWARD_FAULT_FILE": str(file)},
    )


def tell(clinic: Clinic) -> Told:
    """Tell the story; the fault, if any, is judged by the tests."""
    killer = Killer(clinic, clinic.home.with_suffix(".fault"))
    try:
        story = Story(clinic, killer)
        try:
            story.tell()
        finally:
            story.close()
    except BaseException as error:
        return Told(clinic, killer, error)
    return Told(clinic, killer, None)


@pytest.fixture(scope="module")
def told(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Told]]:
    """The story on both databases at the same time."""
    folder = tmp_path_factory.mktemp("kills")
    databases: dict[str, Database | None] = {"sqlite": None, "postgresql": postgres.copy()}
    clinics: list[Clinic] = []
    try:
        for kind in KINDS:
            clinics.append(start(folder / kind, databases[kind]))
        with ThreadPoolExecutor(len(clinics)) as pool:
            yield dict(zip(KINDS, pool.map(tell, clinics)))
    finally:
        for clinic in clinics:
            clinic.stop()


@pytest.fixture(params=KINDS)
def one(request: pytest.FixtureRequest, told: dict[str, Told]) -> Told:
    """The clinic on one database."""
    done = told[request.param]
    if done.fault is not None:
        raise AssertionError(
            f"{done.fault!r}\n{done.killer.kills}\n{done.clinic.log.read_text(encoding='utf-8')[-6000:]}"
        ) from done.fault
    return done


def test_every_point_was_died_at_and_the_parent_lived_on(one: Told) -> None:
    assert len(one.killer.kills) >= 16
    assert {role for role, _ in one.killer.kills} == {"web", "gate", "worker"}
    assert one.clinic.process.poll() is None
    assert "times in a row" not in one.clinic.log.read_text(encoding="utf-8")


def test_reports_holds_ended_sessions_and_held_certificates_are_there_once(one: Told) -> None:
    clinic = one.clinic
    for kind, key in (
        ("response.loss_reported", "member_name"),
        ("response.doors_closed", "case_ref"),
        ("access.hold_placed", "device_id"),
        ("pki.certificate_held", "device_id"),
        ("fleet.device_marked_lost", "device_id"),
        ("incidents.case_opened", "case_ref"),
    ):
        seen = [event[key] for event in clinic.events(kind)]
        assert len(seen) == len(set(seen)) == len(PHONES), (kind, seen)
    ended = clinic.events("access.gate_session_ended")
    assert len(ended) == 1, ended
    cases = clinic.read("SELECT case_ref FROM incidents_case")
    assert len(cases) == len(set(cases)) == len(PHONES)


def test_every_lock_was_ordered_once_and_climbed_each_rung_once(one: Told) -> None:
    orders = one.clinic.read(
        "SELECT d.label, c.state FROM fleet_command c JOIN fleet_device d ON d.id = c.device_id "
        "WHERE c.purpose = 'contain'"
    )
    assert sorted(label for label, _ in orders) == sorted(PHONES)
    assert {state for _, state in orders} <= {"acknowledged", "corroborated"}
    twice = one.clinic.read(
        "SELECT command_id, proof FROM fleet_commandproof GROUP BY command_id, proof HAVING COUNT(*) > 1"
    )
    assert twice == []


def test_the_erase_was_ordered_approved_done_and_proven_once(one: Told) -> None:
    assert one.clinic.phone(BEN)["erased_times"] == 1
    assert len(one.clinic.events("fleet.destructive_command_approved")) == 1
    assert len(one.clinic.events("fleet.erase_proven")) == 1
    rungs = one.clinic.read(
        "SELECT p.proof FROM fleet_commandproof p JOIN fleet_command c ON c.id = p.command_id "
        "WHERE c.request_type = 'EraseDevice' ORDER BY p.id"
    )
    assert [row[0] for row in rungs] == [
        "requested", "authorized", "queued", "pushed", "delivered", "acknowledged", "corroborated"
    ]  # fmt: skip


def test_every_case_was_called_out_or_answered_before_and_no_call_was_recorded_twice(one: Told) -> None:
    calls = [
        (event["case_ref"], event["member_id"], event["reason"], event["rank"])
        for event in one.clinic.events("response.officer_alerted")
    ]
    assert len(calls) == len(set(calls))
    # An officer who acts in a case before the call leaves has answered it.
    answered = {event["case_ref"] for event in one.clinic.events("response.alert_answered")}
    assert len({case for case, *_ in calls} | answered) == len(PHONES)
    wait_for(
        lambda: (
            one.clinic.read(
                # Who took a case before its call left was called by nobody, so no mail is due.
                "SELECT COUNT(*) FROM response_alert "
                "WHERE rank = 0 AND reason <> 'taken' AND mailed_at IS NULL"
            )
            == [(0,)]
        ),
        "every first mail to be sent",
    )


def test_no_work_is_left_lying_and_none_was_given_up(one: Told) -> None:
    wait_for(
        lambda: one.clinic.read("SELECT COUNT(*) FROM spine_job WHERE state = 'leased'") == [(0,)],
        "all leased work to end",
    )
    assert one.clinic.read("SELECT kind, last_error FROM spine_job WHERE state = 'dead'") == []
    tasks = one.clinic.read("SELECT key FROM spine_operatortask WHERE closed_at IS NULL")
    assert [key for (key,) in tasks if key.startswith(("job:", "our-fault:", "decisions"))] == []


def test_every_fact_is_sealed_and_the_ledger_verifies(one: Told) -> None:
    unsealed = (
        "SELECT COUNT(*) FROM spine_event e LEFT JOIN ledger_sealedentry s ON s.event_id = e.event_id "
        "WHERE s.event_id IS NULL"
    )
    wait_for(lambda: one.clinic.read(unsealed) == [(0,)], "everything to be sealed")
    done = one.clinic.command("ledger", "verify", "--demo")
    assert done.returncode == 0, done.stdout + done.stderr


def test_when_the_parent_is_killed_every_child_ends(one: Told) -> None:
    running = children(one.clinic.process.pid)
    assert set(running) == {"web", "gate", "worker"}
    os.kill(one.clinic.process.pid, signal.SIGKILL)
    one.clinic.process.wait()
    wait_for(lambda: not any(is_running(process) for process in running.values()), "the children to end", 20)
