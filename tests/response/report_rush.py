"""Reports from processes of their own, at the same moment; prints what became of them, as JSON.

Started by test_report_limits with a migrated database. Forks before any connection is open.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import django

django.setup()

from pocketward.incidents import api as incidents_api  # noqa: E402
from pocketward.practice import api as practice_api  # noqa: E402
from pocketward.response import api as response_api  # noqa: E402
from pocketward.response.models import LossReport  # noqa: E402
from pocketward.spine.api import (  # noqa: E402
    event_bodies,
    practice_scope,
    practices_with_keys,
    run_due,
    unit_of_work,
)
from pocketward.spine.keys import make_master_key  # noqa: E402
from tests.factories.forking import fork  # noqa: E402
from tests.web.clinic import Clinic  # noqa: E402

END_SECONDS, AT_ONCE, HOLD_SECONDS = 90, 5, 1.5
RUSH, NETWORK, LATE, FLOOD = "Rush", "Network", "Late", "Flood"
PHONES = {RUSH: AT_ONCE, NETWORK: AT_ONCE, LATE: 4, FLOOD: 1}


def together(*works: Callable[[], None]) -> None:
    """Run them in children at once; each must end well."""
    children = [fork(work, END_SECONDS) for work in works]
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * len(works)


def set_up() -> None:
    """One practice for each question, with people who have a phone."""
    make_master_key()
    practice_api.be_born(world="demo")
    for name, phones in PHONES.items():
        practice = practice_api.create_practice(name=name, by="system:test")
        with practice_scope(practice.id):
            clinic = Clinic(practice)
            practice_api.add_member(
                practice_id=practice.id, full_name="Dana Example", role_names=("owner",), by="system:test"
            )
            for number in range(phones):
                person = practice_api.add_member(
                    practice_id=practice.id, full_name=f"Pat {number}", by="system:test"
                )
                clinic.phone(f"iPhone {number}", member=person)


def named(name: str) -> UUID:
    """The practice of a question."""
    return next(item.id for item in practice_api.practices() if item.name == name)


def report(name: str, said: str, network: str, at: float) -> Callable[[], None]:
    """A report that leaves at this moment (monotonic)."""

    def work() -> None:
        practice_id = named(name)
        with practice_scope(practice_id):
            time.sleep(max(0.0, at - time.monotonic()))
            send(practice_id, said, network)

    return work


def send(practice_id: UUID, said: str, network: str) -> str:
    """One report of the open page."""
    return response_api.report_loss(
        practice_id=practice_id, said=said, when_seen="now", callback="", network=network
    )


def slow() -> None:
    """The third closing of an hour, whose transaction stays open for a while."""
    practice_id = named(LATE)

    @unit_of_work
    def hold() -> None:
        send(practice_id, "Pat 2", "2" * 64)
        time.sleep(HOLD_SECONDS)

    with practice_scope(practice_id):
        hold()


def identify(at: float) -> Callable[[], None]:
    """An officer's click on whose phone it is, at this moment."""

    def work() -> None:
        practice_id = named(FLOOD)
        with practice_scope(practice_id):
            dana, pat = (
                practice_api.find_members(practice_id=practice_id, text=text)[0]
                for text in ("Dana Example", "Pat 0")
            )
            case_ref = LossReport.objects.exclude(kind="sighting").get().case_ref
            time.sleep(max(0.0, at - time.monotonic()))
            response_api.identify_loss(case_ref=case_ref, by_member_id=dana.id, member_id=pat.id)

    return work


def rush() -> None:
    """Everything that happens at once."""
    soon = time.monotonic() + 2
    together(*(report(RUSH, f"Pat {n}", f"{n}" * 64, soon) for n in range(AT_ONCE)))
    soon = time.monotonic() + 2
    together(*(report(NETWORK, f"Pat {n}", "a" * 64, soon) for n in range(AT_ONCE)))
    for number in range(2):
        together(report(LATE, f"Pat {number}", f"{number}" * 64, 0))
    together(slow, report(LATE, "Pat 3", "3" * 64, time.monotonic() + HOLD_SECONDS / 2))
    soon = time.monotonic() + 2
    together(*(report(FLOOD, f"Nobody {n}", "a" * 64, soon) for n in range(AT_ONCE)))
    soon = time.monotonic() + 2
    together(*(identify(soon) for _ in range(3)))


def found(name: str) -> dict[str, object]:
    """What is kept in a practice."""
    practice_id = named(name)
    with practice_scope(practice_id):
        while run_due():
            pass
        rows = list(LossReport.objects.all())
        kinds = Counter(str(body["kind"]) for body in event_bodies(practice_id=practice_id, limit=5000))
        return {
            "outcomes": dict(Counter(row.outcome for row in rows if row.kind == "lost")),
            "sightings": sum(row.kind == "sighting" for row in rows),
            "of": {row.said: row.outcome for row in rows},
            "cases": len(incidents_api.cases(practice_id=practice_id)),
            "identified": kinds["response.loss_identified"],
            "holds": kinds["access.hold_placed"],
            "calls": kinds["response.officer_alerted"],
        }


def main() -> None:
    """Make the practices, let them rush, tell."""
    together(set_up)
    rush()
    assert len(practices_with_keys()) == len(PHONES)
    json.dump({name: found(name) for name in PHONES}, sys.stdout)


if __name__ == "__main__":
    main()
