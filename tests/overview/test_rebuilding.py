"""Rows kept up by jobs are the rows made from nothing, whatever happened and however the jobs ran."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketward.access import api as access_api
from pocketward.access.errors import AccessError
from pocketward.fleet import api as fleet_api
from pocketward.fleet import joining
from pocketward.fleet.errors import FleetError
from pocketward.incidents import api as incidents_api
from pocketward.incidents.errors import IncidentsError
from pocketward.kernel import clock
from pocketward.overview import api as overview_api
from pocketward.overview.models import CaseRow, DeviceRow, PersonRow, PracticeRow
from pocketward.overview.refreshing import REFRESH, refresh_cases, refresh_devices, refresh_people
from pocketward.overview.rows import values_of
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.practice.errors import PracticeError
from pocketward.response import api as response_api
from pocketward.response.errors import ResponseError
from pocketward.spine.api import JobContext, claim, practice_scope, run_job
from tests.response.conftest import reverse
from tests.web.clinic import Clinic

MODELS: tuple[Any, ...] = (DeviceRow, PersonRow, CaseRow, PracticeRow)


class Story:
    """A practice in which anything may happen next."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic, self.practice = clinic, clinic.practice
        self.phones: list[UUID] = []
        self.cases: list[str] = []
        self.grants: list[UUID] = []
        access_api.prepare_practice(practice_id=self.practice.id, by="system:test")
        self.app = access_api.register_app(
            practice_id=self.practice.id, name="Chart app", door="proxied", paths=(("/", "notes"),),
            hosts=(f"{self.practice.slug}.localhost",), by="system:test",
        ).id  # fmt: skip
        self.boss = self.person("Dana Example", "owner", "privacy_officer")

    def person(self, name: str, *roles: str) -> Member:
        return practice_api.add_member(
            practice_id=self.practice.id, full_name=name, role_names=roles, by="system:test"
        )

    def somebody(self, which: int) -> Member:
        people = practice_api.members(practice_id=self.practice.id)
        return people[which % len(people)]

    def joins(self, which: int) -> None:
        self.person(f"Pat Sample {which}", ("clinician", "it_lead", "billing")[which % 3])

    def leaves(self, which: int) -> None:
        practice_api.mark_left(member_id=self.somebody(which).id, by="system:test")

    def changes_role(self, which: int) -> None:
        person = self.somebody(which)
        change = practice_api.end_role if "security_officer" in person.roles else practice_api.give_role
        change(member_id=person.id, role="security_officer", by="system:test")

    def moves_east(self, which: int) -> None:
        self._moves(which, "Pacific/Kiritimati")

    def moves_west(self, which: int) -> None:
        self._moves(which, "Pacific/Pago_Pago")

    def _moves(self, which: int, zone: str) -> None:
        """Another name, and a calendar in which it is another day: the two are 25 hours apart."""
        practice_api.change_practice(
            practice_id=self.practice.id, name=f"Clinic {which}", zone=zone, language="en", by="system:test",
            front_desk_phone="", emergency_phone="", password_allowed=True, adoption_level=2,
        )  # fmt: skip

    def enrolls(self, which: int) -> None:
        owner = None if which % 3 == 0 else self.somebody(which)
        self.phones.append(
            self.clinic.phone(f"iPhone {which}", member=owner, kind=("iphone", "ipad")[which % 2])
        )

    def reports(self, which: int) -> None:
        self.clinic.report(self.phones[which % len(self.phones)], passcode_present=which % 2 == 0)

    def is_assigned(self, which: int) -> None:
        member = self.somebody(which).id if which % 2 else None
        fleet_api.assign_device(
            device_id=self.phones[which % len(self.phones)], member_id=member, by="system:test"
        )

    def is_removed(self, which: int) -> None:
        device = fleet_api.get_device(device_id=self.phones[which % len(self.phones)])
        fleet_api.remove_device(device_id=device.id, by_member_id=self.boss.id, case_ref=device.lost_case_ref)

    def is_put_back(self, which: int) -> None:
        fleet_api.restore_device(device_id=self.phones[which % len(self.phones)], by_member_id=self.boss.id)

    def checks_out(self, which: int) -> None:
        device = fleet_api.get_device(device_id=self.phones[which % len(self.phones)])
        if device.enrollment_id is not None:
            joining.check_out(enrollment_id=device.enrollment_id)

    def is_lost(self, which: int) -> None:
        self.cases.append(self.clinic.lose(self.somebody(which).full_name))

    def is_found(self, which: int) -> None:
        self.cases.append(
            response_api.report_found(
                practice_id=self.practice.id, said="iPhone 1", callback="555-0155", network="n" * 64
            )
        )

    def fits_nobody(self, which: int) -> None:
        self.cases.append(self.clinic.lose(f"Nobody {which}"))

    def opens_to(self, which: int) -> None:
        allowed = (("clinician", "notes"), ("billing", "billing"))[: which % 3]
        access_api.set_role_matrix(
            practice_id=self.practice.id, allowed=allowed, reason="a test", by="system:test"
        )

    def opens_in_an_emergency(self, which: int) -> None:
        self.grants.append(
            access_api.open_emergency(
                practice_id=self.practice.id, member_id=self.somebody(which).id, app_id=self.app,
                reason="patient_waiting", strength="passkey", auth_at=clock.true_now(),
            ).id
        )  # fmt: skip

    def ends_it(self, which: int) -> None:
        access_api.end_emergency(grant_id=self.grants[which % len(self.grants)], by="system:test")

    def is_reviewed(self, which: int) -> None:
        grant = self.grants[which % len(self.grants)]
        access_api.read_emergency(grant_id=grant, by_member_id=self.boss.id)
        access_api.review_emergency(grant_id=grant, by_member_id=self.boss.id, finding="needed")

    def is_reversed(self, which: int) -> None:
        reverse(self.cases[which % len(self.cases)], self.boss)

    def is_answered(self, which: int) -> None:
        response_api.answer_alert(
            practice_id=self.practice.id,
            case_ref=self.cases[which % len(self.cases)],
            by_member_id=self.boss.id,
        )

    def is_decided(self, which: int) -> None:
        incidents_api.decide_breach(
            case_ref=self.cases[which % len(self.cases)], verdict="low_probability",
            reason="It was found in the drawer again.", by_member_id=self.boss.id,
        )  # fmt: skip
        incidents_api.close_case(case_ref=self.cases[which % len(self.cases)], by_member_id=self.boss.id)


ACTS = (
    "joins", "leaves", "changes_role", "enrolls", "enrolls", "reports", "reports", "is_assigned",
    "is_removed", "is_put_back", "checks_out", "is_lost", "is_found", "fits_nobody", "is_reversed",
    "is_answered", "is_decided", "opens_to", "opens_in_an_emergency", "ends_it", "is_reviewed",
    "moves_east", "moves_west",
)  # fmt: skip


def said() -> list[list[dict[str, Any]]]:
    """Everything the rows say, in an order of its own."""
    return [sorted((values_of(row) for row in model.objects.all()), key=repr) for model in MODELS]


def some_jobs_run(order: random.Random, again: list[JobContext]) -> bool:
    """Run what is due in any order; the lists' jobs are kept, to be run once more; whether any ran."""
    claimed = claim(limit=50)
    order.shuffle(claimed)
    for context in claimed:
        run_job(context)
    again += [context for context in claimed if context.kind == REFRESH]
    return bool(claimed)


def test_each_act_alone_reaches_the_rows(practice: PracticeRecord) -> None:
    """Jobs run after each act, and a rebuild finds nothing to mend: no act is without its reaction."""
    story, order = Story(Clinic(practice)), random.Random(7)
    story.enrolls(1)
    for number, act in enumerate(("enrolls", *dict.fromkeys(ACTS))):
        _try(getattr(story, act), number + 1)
        while some_jobs_run(order, []):
            pass
        kept = said()
        overview_api.rebuild(practice_id=practice.id)
        assert said() == kept, act


@settings(
    max_examples=8, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 8)), min_size=6, max_size=16),
    # A seed, not Hypothesis’ own draws: how many jobs are due differs from run to run.
    order=st.integers(0, 2**32).map(random.Random),
)
def test_what_jobs_kept_up_is_what_is_made_from_nothing(
    installation: None, acts: list[tuple[str, int]], order: random.Random
) -> None:
    practice = practice_api.create_practice(name="Harbor Street Clinic", by="system:test")
    with practice_scope(practice.id):
        story, again = Story(Clinic(practice)), list[JobContext]()
        story.enrolls(1)
        story.is_found(0)
        story.opens_in_an_emergency(0)
        for act, which in acts:
            _try(getattr(story, act), which)
            if order.random() < 0.3:
                some_jobs_run(order, again)
        while some_jobs_run(order, again):
            pass
        kept = said()
        repeat(order, again)
        assert said() == kept
        for model in MODELS:
            model.objects.all().delete()
        overview_api.rebuild(practice_id=practice.id)
        assert said() == kept
        assert len(kept[0]) == len(fleet_api.devices(practice_id=practice.id))


def _try(act: Callable[[int], None], which: int) -> None:
    """What a domain refuses has not happened; that is as good a story as any."""
    try:
        act(which)
    except (PracticeError, IncidentsError, ResponseError, FleetError, AccessError):
        return


def repeat(order: random.Random, again: list[JobContext]) -> None:
    """Old nudges come late and twice; they find the truth as it is."""
    order.shuffle(again)
    for context in again:
        for name in context.payload["about"]:
            kind, _, which = name.partition(":")
            if kind == "device":
                refresh_devices(context.practice_id, [UUID(which)])
            elif kind == "member":
                refresh_people(context.practice_id, [UUID(which)])
            elif kind == "case":
                refresh_cases(context.practice_id, [which])
