"""Every change that can close phones, as pages ask for it. Each is made now, or waits: see `changes.change`.

Each raises CommandRefused when the guard says no, and what the domain itself refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pocketward.fleet.errors import CommandRefused
from pocketward.practice import api as practice_api
from pocketward.rollout import kinds
from pocketward.rollout.changes import Outcome, change


@dataclass(frozen=True)
class Added:
    """Of whom officer roles were asked for, or who is new; how many of these changes wait, and why not."""

    people: tuple[UUID, ...]
    waiting: int = 0
    refusal: str = ""


# The reason that stands in the ledger where a page asks for none.
ENFORCED = "no longer only watched"


def change_policy(*, practice_id: UUID, text: str, reason: str, by_member_id: UUID, strength: str) -> Outcome:
    """Put a policy in force. PolicyRefused."""
    return change(
        practice_id=practice_id, what=kinds.POLICY, payload={"text": text}, reason=reason,
        by_member_id=by_member_id, strength=strength,
    )  # fmt: skip


def change_role_matrix(
    *,
    practice_id: UUID,
    allowed: Iterable[tuple[str, str]],
    reason: str,
    by_member_id: UUID,
    strength: str,
) -> Outcome:
    """Let exactly these (role, resource) pairs be opened. AccessError."""
    payload = {"allowed": sorted([list(pair) for pair in set(allowed)])}
    return change(
        practice_id=practice_id, what=kinds.MATRIX, payload=payload, reason=reason,
        by_member_id=by_member_id, strength=strength,
    )  # fmt: skip


def change_app_mode(
    *, practice_id: UUID, app_id: UUID, mode: str, by_member_id: UUID, strength: str
) -> Outcome:
    """Watch or enforce an app. AccessError."""
    payload = {"app_id": str(app_id), "mode": mode}
    return change(
        practice_id=practice_id, what=kinds.MODE, payload=payload, reason=ENFORCED,
        by_member_id=by_member_id, strength=strength,
    )  # fmt: skip


def change_app(
    *, practice_id: UUID, app_id: UUID, parts: Mapping[str, Any], by_member_id: UUID, strength: str
) -> Outcome:
    """Write a record system anew; `parts` as access's `change_app` takes them. AppRefused."""
    plain = dict(parts) | {
        "hosts": list(parts["hosts"]), "paths": [list(pair) for pair in parts["paths"]],
    }  # fmt: skip
    return change(
        practice_id=practice_id, what=kinds.APP, payload={"app_id": str(app_id), "parts": plain},
        by_member_id=by_member_id, strength=strength,
    )  # fmt: skip


def remove_app(*, practice_id: UUID, app_id: UUID, by_member_id: UUID, strength: str) -> Outcome:
    """Take a record system off the list. NoSuchApp."""
    return change(
        practice_id=practice_id, what=kinds.REMOVAL, payload={"app_id": str(app_id)},
        by_member_id=by_member_id, strength=strength,
    )  # fmt: skip


def end_permit(*, practice_id: UUID, permit_id: UUID, by_member_id: UUID, strength: str) -> Outcome:
    """Take away a permit for devices that are not checked."""
    return change(
        practice_id=practice_id, what=kinds.PERMIT, payload={"permit_id": str(permit_id)},
        by_member_id=by_member_id, strength=strength,
    )  # fmt: skip


def name_network(
    *, practice_id: UUID, zone: str, cidrs: tuple[str, ...], by_member_id: UUID, strength: str
) -> Outcome:
    """Say which addresses a network is seen from; none: forget it. NetworkRefused."""
    return change(
        practice_id=practice_id, what=kinds.NETWORK, payload={"zone": zone, "cidrs": list(cidrs)},
        by_member_id=by_member_id, strength=strength,
    )  # fmt: skip


def change_roles(
    *, practice_id: UUID, member_id: UUID, roles: Iterable[str], by_member_id: UUID, strength: str
) -> Outcome:
    """Let a person hold exactly these roles. PracticeError."""
    payload = {"member_id": str(member_id), "roles": sorted(set(roles))}
    return change(
        practice_id=practice_id, what=kinds.ROLES, payload=payload, by_member_id=by_member_id,
        strength=strength,
    )  # fmt: skip


def add_person(
    *, practice_id: UUID, details: Mapping[str, str], roles: Iterable[str], by_member_id: UUID, strength: str
) -> Added:
    """Somebody new with these roles; those of an officer may wait, or be refused, and the person is here
    without them. `details` are full_name, email, phone, job_title and language. PracticeError.
    """
    wanted = frozenset(roles)
    person = practice_api.add_member(
        practice_id=practice_id, full_name=details["full_name"], email=details["email"],
        phone=details["phone"], job_title=details["job_title"], language=details["language"],
        role_names=sorted(wanted - practice_api.OFFICERS), by=f"member:{by_member_id}",
    )  # fmt: skip
    return _officer_roles(practice_id, ((person.id, wanted & practice_api.OFFICERS),), by_member_id, strength)


def import_people(
    *, practice_id: UUID, data: bytes, by_member_id: UUID, strength: str
) -> tuple[practice_api.ImportOutcome, Added]:
    """Add the people of a CSV file, all rows or none; roles of officers as in `add_person`. PracticeError."""
    found = practice_api.import_people(
        practice_id=practice_id, data=data, by=f"member:{by_member_id}", without=practice_api.OFFICERS
    )
    return found, _officer_roles(practice_id, found.left_out, by_member_id, strength)


def _officer_roles(
    practice_id: UUID, wanted: Iterable[tuple[UUID, frozenset[str]]], by_member_id: UUID, strength: str
) -> Added:
    people, waiting, refusal = [], 0, ""
    for member_id, roles in wanted:
        people.append(member_id)
        try:
            outcome = change_roles(
                practice_id=practice_id, member_id=member_id, by_member_id=by_member_id, strength=strength,
                roles=practice_api.get_member(member_id=member_id).roles | roles,
            )  # fmt: skip
        except CommandRefused as error:
            refusal = error.sentence
        else:
            waiting += outcome.waiting is not None
    return Added(tuple(people), waiting, refusal)


def mark_left(*, practice_id: UUID, member_id: UUID, by_member_id: UUID, strength: str) -> Outcome:
    """A person leaves; every role of theirs ends. PracticeError."""
    return change(
        practice_id=practice_id, what=kinds.LEAVING, payload={"member_id": str(member_id)},
        by_member_id=by_member_id, strength=strength,
    )  # fmt: skip
