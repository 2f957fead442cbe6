"""Reads what Home is computed from."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.kernel import clock as product_clock
from pocketward.kernel.ids import public_id
from pocketward.overview import api as overview_api
from pocketward.overview.api import CaseLine, PhoneCounts, PhoneLine, PhoneQuestion, PracticeLine
from pocketward.practice import api as practice_api
from pocketward.web.components.clock import Clock
from pocketward.web.components.roles import ROLE_WORDS
from pocketward.web.components.words import Status
from pocketward.web.home.pages import ROLL_CALL_LIMIT
from pocketward.web.home.world import Call, OpenLoss, Overview, PhoneMark, Review, Waiting
from pocketward.web.incidents.losses import open_losses
from pocketward.web.names import names_of
from pocketward.web.phones.reading import row_of
from pocketward.web.phones.second_yes import is_alone
from pocketward.web.phones.waiting import orders_waiting
from pocketward.web.setup.server import mail_is_set
from pocketward.web.setup.steps import steps_left
from pocketward.web.visitor import Visitor

# A heading takes no more of what somebody typed.
MOST_SAID: Final = 60
# How long a phone that has just joined may take to get what we send it before it counts as a fault.
JOINING: Final = timedelta(minutes=15)
# How long officers are told that a link which lets in an owner was made on the server.
LINK_TOLD: Final = timedelta(days=7)
# What is sent to a phone as it joins; everything else its person must mend.
SENT: Final = frozenset({"required_apps", "identity_valid"})


def read_world(visitor: Visitor) -> Overview:
    """The practice at this moment."""
    practice_id, clock = visitor.practice.id, visitor.clock
    numbers = overview_api.phone_counts(practice_id=practice_id, now=clock.now)
    view = "all" if numbers.total <= ROLL_CALL_LIMIT else "look"
    lines = overview_api.phones(
        practice_id=practice_id, question=PhoneQuestion(view=view), now=clock.now, limit=None
    )
    practice = overview_api.practice_line(practice_id=practice_id)
    new = fleet_api.joined_since(practice_id=practice_id, since=clock.now - JOINING)
    waiting_cases = overview_api.waiting_cases(practice_id=practice_id)
    losses = _with_calls(open_losses(visitor), waiting_cases)
    return Overview(
        practice_name=visitor.practice.name,
        marks=tuple(_mark(line, clock, new) for line in lines),
        losses=losses,
        calls=_calls(waiting_cases),
        reviews=_reviews(visitor, practice),
        waiting=_waiting(visitor, frozenset(loss.case_id for loss in losses)),
        solo=practice.people == 1,
        clock_off_by_s=_clock_off(numbers, clock),
        kill_switch=fleet_api.kill_switch_is_on(),
        push_expires_at=practice.push_expires_at,
        setup_left=steps_left(visitor),
        mail_is_set=mail_is_set(),
        without_address=tuple(
            person.full_name for person in practice_api.on_call(practice_id=practice_id) if not person.email
        ),
        vacancies=_vacancies(practice.vacant_roles),
        safety_faults=numbers.our_fault,
        owner_link_at=_owner_link(visitor),
        opening_roles=bool(practice.opening_roles),
        may_open=practice.may_open,
        counts=numbers.by_status,
        longest_silent_since=numbers.longest_silent_since,
    )


def _with_calls(losses: tuple[OpenLoss, ...], waiting: tuple[CaseLine, ...]) -> tuple[OpenLoss, ...]:
    """The losses, those with the unanswered call about them that have one."""
    since = {case.case_ref: case.called_since for case in waiting}
    return tuple(replace(loss, called_since=since.get(loss.case_id)) for loss in losses)


def _calls(waiting: tuple[CaseLine, ...]) -> tuple[Call, ...]:
    """Whoever waits for an officer and is no case of a phone, which has its own line."""
    return tuple(
        Call(case.case_ref, short(case.said), case.opened_at, case.kind == "call", case.called_since)
        for case in waiting
        if case.kind == "call" or case.fits_nobody
    )


def _reviews(visitor: Visitor, practice: PracticeLine) -> tuple[Review, ...]:
    """What this officer may review: never their own use, unless there is nobody else."""
    if not visitor.may_change or not practice.reviews:
        return ()
    alone = len(practice_api.officers(practice_id=visitor.practice.id)) == 1
    names = names_of(visitor.practice.id)
    return tuple(
        Review(str(item.grant_id), names.person(item.member_id), item.opened_at)
        for item in practice.reviews
        if alone or item.member_id != visitor.member.id
    )


def short(said: str) -> str:
    """What a stranger typed, as much as a heading takes."""
    return said if len(said) <= MOST_SAID else f"{said[: MOST_SAID - 1]}…"


def _waiting(visitor: Visitor, cases: frozenset[str]) -> tuple[Waiting, ...]:
    """What waits for an officer's yes and is not a step of an open case, whose own task speaks of it."""
    if not visitor.may_change:
        return ()
    orders = [item for item in orders_waiting(visitor) if item.case_ref not in cases]
    if not orders:
        return ()
    names = names_of(visitor.practice.id)
    return tuple(
        Waiting(
            act=item.request_type,
            phone_id=public_id("dev", item.device_id),
            phone_name=names.device(item.device_id),
            asked_by=names.actor(item.ordered_by),
            asked_at=item.ordered_at,
            own=item.ordered_by == visitor.actor,
            alone=is_alone(visitor, item.ordered_by),
        )
        for item in orders
    )


def _clock_off(numbers: PhoneCounts, clock: Clock) -> float:
    """How far this server's clock is behind the latest moment at which a phone spoke to it, in seconds.

    Time only goes forward: a phone heard from in the future was heard on a clock that was set back since.

    A clock that runs ahead cannot be told from here: neither a phone's message nor Apple's answer to a push
    carries a time that we could trust more than our own. It closes records early, never late, since every
    fact looks older than it is; once it is set right, the line above speaks. `pocketward doctor` says when
    nothing keeps the clock right.
    """
    if numbers.heard_last is None:
        return 0.0
    return max(timedelta(), numbers.heard_last - clock.now).total_seconds()


def _owner_link(visitor: Visitor) -> datetime | None:
    """The newest link of these days, told to officers; its time is the clock that never moves."""
    if not visitor.may_change:
        return None
    since = product_clock.true_now() - LINK_TOLD
    return next(iter(practice_api.owner_links_since(practice_id=visitor.practice.id, since=since)), None)


def _vacancies(roles: tuple[str, ...]) -> tuple[str, ...]:
    words = (str(ROLE_WORDS[role]) for role in roles)
    return tuple(text if text.startswith("IT") else text[0].lower() + text[1:] for text in words)


def _mark(line: PhoneLine, clock: Clock, new: frozenset[UUID]) -> PhoneMark:
    row = row_of(line, clock)
    note = "Personal. Only its work side is managed." if line.ownership == "personal" else ""
    return PhoneMark(
        public_id=public_id("dev", line.device_id),
        name=line.label,
        status=row.status,
        reason=row.reason,
        heard_at=line.heard_at,
        is_tablet=line.kind == "ipad",
        note=note,
        joining=line.device_id in new and _waits_for_us(line, row.status),
    )


def _waits_for_us(line: PhoneLine, status: Status) -> bool:
    """Whether nothing is wrong with a new phone but what is on its way to it, or not yet told."""
    return status == "unknown" or (status == "fix" and line.standing.check in SENT)
