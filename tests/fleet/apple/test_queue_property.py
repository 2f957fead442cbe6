"""The queue under any run of answers, at the wire: every command ends once, and none holds up the rest."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from pocketward.fleet import api as fleet
from pocketward.fleet import guard
from pocketward.fleet.errors import CommandRefused, NoSuchCommand
from pocketward.fleet.models import Command, CommandProof
from pocketward.fleet.models.commands import ACKNOWLEDGED, CORROBORATED, ENDS, OPEN
from pocketward.fleet.queue import overtake_commands
from pocketward.kernel import clock
from pocketward.practice.records import Member, PracticeRecord
from pocketward.protocols.apple_mdm import Command as WireCommand
from pocketward.protocols.apple_mdm import ErrorItem
from pocketward.spine.api import event_bodies, run_due
from tests.fleet.apple.conftest import Enroll, Enrolled
from tests.fleet.apple.phones import HEALTHY
from tests.fleet.apple.test_erase_at_the_wire import come_back, order_erase
from tests.fleet.conftest import second as second

TYPES = ("SecurityInfo", "ProfileList", "CertificateList", "DeviceLock", "InstalledApplicationList")
STEPS = (
    "acknowledge", "acknowledge", "error", "format_error", "not_now", "not_now", "silence", "silence",
    "lost_reply", "twice", "unknown", "of_another", "order", "order_urgent", "order_lock", "erase",
    "come_back", "day",
)  # fmt: skip
FAULT = (ErrorItem(code=12021, domain="MCMDMErrorDomain", us_english="not now, not ever"),)
END_STATES = (*ENDS, ACKNOWLEDGED, CORROBORATED)


@dataclass
class Play:
    """One phone, what it holds in its hand, and what it may not be handed next."""

    phone: Enrolled
    other: Enrolled
    practice: PracticeRecord
    owner: Member
    second: Member
    hand: WireCommand | None = None
    passed: str = ""
    days: int = 0
    # Command that waits -> those of its lane that were handed out before it since it waits.
    went_first: dict[UUID, set[UUID]] = field(default_factory=dict)
    # Urgent ones handed out since the last normal one.
    urgent_ones: set[UUID] = field(default_factory=set)
    # Normal one that waits -> the urgent ones among them that it has waited for.
    waited_for: dict[UUID, set[UUID]] = field(default_factory=dict)

    def begin(self) -> None:
        """Nothing waits, and nothing is in the hand: also after a play that broke off."""
        overtake_commands(enrollment_id=self.phone.enrollment_id, detail="a new play begins")
        self.hand, self.passed = None, ""
        for turns in (self.went_first, self.urgent_ones, self.waited_for):
            turns.clear()

    def connect(
        self, status: str = "Idle", command: WireCommand | str | None = None, **payload: object
    ) -> None:
        """One message; what comes back is held against the rules."""
        given = self.phone.wire.next(status, command, **payload)
        answered = command.command_uuid if isinstance(command, WireCommand) else ""
        self.hand = given
        if given is None:
            return
        row = Command.objects.get(pk=UUID(given.command_uuid))
        assert row.enrollment_id == self.phone.enrollment_id
        others = self.due(row)
        if given.command_uuid in (self.passed, answered if status == "NotNow" else ""):
            assert not others, "a command that was put off or not answered lets another one pass"
        if row.lane == Command.NORMAL:
            passed = {item.pk for item in others if item.lane == Command.URGENT}
            assert passed <= self.urgent_ones, "urgent commands come first"
        self.passed = ""
        self.take_turns(row, others)

    def due(self, given: Command) -> list[Command]:
        """What could have been handed out in its place; not what a lost phone is not told."""
        due = Command.objects.filter(enrollment_id=given.enrollment_id, state__in=OPEN, parked=False)
        return [item for item in due.exclude(pk=given.pk) if guard.refusal_at_hand_out(item) is None]

    def take_turns(self, given: Command, others: list[Command]) -> None:
        """None is handed out twice before another of its lane, nor an urgent one twice before a normal.

        What was handed out before the other one was there delayed nobody.
        """
        self.went_first = {item.pk: self.went_first.get(item.pk, set()) for item in others}
        for item in others:
            if item.lane == given.lane:
                assert given.pk not in self.went_first[item.pk], "each delays the next by one connect at most"
                self.went_first[item.pk].add(given.pk)
        if given.lane == Command.NORMAL:
            self.urgent_ones.clear()
            self.waited_for.clear()
            return
        for item in others:
            if item.lane == Command.NORMAL:
                waited_for = self.waited_for.setdefault(item.pk, set())
                assert given.pk not in waited_for, "urgent commands delay a normal one once each"
                waited_for.add(given.pk)
        self.urgent_ones.add(given.pk)

    def answer(self, step: str) -> None:
        """Answer what is in the hand, in this way."""
        held, self.hand = self.hand, None
        if held is None:
            self.connect()
        elif step == "not_now":
            self.connect("NotNow", held)
        elif step in ("silence", "lost_reply"):
            self.passed = held.command_uuid
            self.connect()
        elif step == "error":
            self.connect("Error", held, errors=FAULT)
        elif step == "format_error":
            self.connect("CommandFormatError", held)
        else:
            self.connect("Acknowledged", held, **HEALTHY.get(held.request_type, {}))
            if step == "twice":
                self.throw_away("Error", held)

    def stray(self, uuid: str) -> None:
        """Answer something that was never given to this enrollment."""
        before = len(self.strays())
        self.throw_away("Acknowledged", uuid)
        assert len(self.strays()) == before + 1

    def throw_away(self, status: str, command: WireCommand | str) -> None:
        """Say this and lose what comes back."""
        given = self.phone.wire.next(status, command, errors=FAULT if status == "Error" else ())
        self.hand, self.passed = None, ""
        if given is not None:
            self.passed = given.command_uuid
            row = Command.objects.get(pk=UUID(given.command_uuid))
            self.take_turns(row, self.due(row))

    def strays(self) -> list[object]:
        kinds = ("fleet.unknown_reply_received",)
        return list(event_bodies(practice_id=self.practice.id, kinds=kinds, limit=10_000))

    def order(self, number: int, *, urgent: bool) -> None:
        fleet.order_command(
            device_id=self.phone.device_id, request_type=TYPES[number % len(TYPES)],
            params={"message": "x"}, by="system:test", urgent=urgent,
        )  # fmt: skip

    def erase(self) -> None:
        """The most destructive order there is, with a second yes. The budget may be spent, or one wait."""
        with contextlib.suppress(CommandRefused, NoSuchCommand):
            order_erase(self.phone, self.owner, self.second)

    def decline(self) -> None:
        """Say no to what waits for a second yes: an erase that failed was asked for anew by its return."""
        waiting = Command.objects.filter(device_id=self.phone.device_id, state="requested")
        for command_id in waiting.values_list("id", flat=True):
            assert fleet.stop_command(command_id=command_id, by=f"member:{self.owner.id}")

    def step(self, number: int, step: str) -> None:
        """Do one thing."""
        if step == "unknown":
            self.stray(str(uuid4()))
        elif step == "of_another":
            self.stray(str(fleet.commands(device_id=self.other.device_id)[0].id))
        elif step in ("order", "order_urgent"):
            self.order(number, urgent=step == "order_urgent")
        elif step == "order_lock":
            self.order(TYPES.index("DeviceLock"), urgent=True)
        elif step == "erase":
            self.erase()
        elif step == "come_back":
            old = self.phone
            self.phone = come_back(old, self.practice, self.owner)
            assert old.wire.report().status == 403
            self.hand, self.passed = None, ""
        elif step == "day":
            self.days += 3
        else:
            self.answer(step)


@pytest.fixture
def play(enroll: Enroll, practice: PracticeRecord, owner: Member, second: Member) -> Iterator[Play]:
    """A quiet phone, and another whose commands are not this one's."""
    phone, other = enroll(), enroll(serial="OTHERPHONE")
    phone.wire.work_through(HEALTHY)
    yield Play(phone, other, practice, owner, second)


@settings(
    max_examples=16,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=16))
@example(steps=["silence"] * 8)
@example(steps=["erase", "silence", "order", "not_now", "come_back", "silence", "acknowledge", "erase"])
@example(steps=["order_lock", "erase", "lost_reply", "acknowledge", "acknowledge", "of_another", "come_back"])
@example(steps=["silence", "order_urgent", *["silence"] * 8, "not_now", "silence", "silence"])
def test_every_command_ends_in_exactly_one_state_and_none_delays_the_next_by_more_than_one_connect(
    play: Play, steps: list[str]
) -> None:
    # Days only go on: what a phone got in one example must still be valid in the next.
    play.begin()
    with clock.frozen(clock.now() + timedelta(days=play.days)):
        for number in range(3):
            play.order(number, urgent=number == 1)
    for number, step in enumerate(steps):
        with clock.frozen(clock.now() + timedelta(days=play.days)):
            play.step(number, step)
    with clock.frozen(clock.now() + timedelta(days=play.days)):
        # It is found again: what a lost phone is not told goes out now.
        fleet.clear_lost(case_ref="case_1", by="system:test")
        for _ in range(80):
            play.connect() if play.hand is None else play.answer("acknowledge")
            if (
                play.hand is None
                and not Command.objects.filter(
                    enrollment_id=play.phone.enrollment_id, state__in=OPEN
                ).exists()
            ):
                break
        play.decline()
    mine = Command.objects.filter(device_id=play.phone.device_id)
    assert {row.state for row in mine} <= set(END_STATES)
    for row in mine:
        proofs = list(CommandProof.objects.filter(command=row).values_list("proof", flat=True))
        assert len(proofs) == len(set(proofs)), proofs
        ends = [proof for proof in proofs if proof in (*ENDS, ACKNOWLEDGED)]
        assert len(ends) == 1, proofs
    others = Command.objects.filter(device_id=play.other.device_id)
    assert set(others.values_list("state", flat=True)) == {"queued"}


def test_a_command_expires_for_a_phone_that_never_comes_back(play: Play) -> None:
    play.order(0, urgent=False)
    waiting = Command.objects.filter(device_id=play.phone.device_id, state__in=OPEN)
    (command_id,) = waiting.values_list("id", flat=True)
    with clock.frozen(clock.now() + timedelta(days=9)):
        run_due()
        assert fleet.get_command(command_id=command_id).state == "expired"
