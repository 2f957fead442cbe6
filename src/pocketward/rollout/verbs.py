"""Every change that can close phones, as pages ask for it. Each is made now, or waits: see `changes.change`.

Each raises CommandRefused when the guard says no, and what the domain itself refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from pocketward.rollout import kinds
from pocketward.rollout.changes import Outcome, change

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


def mark_left(*, practice_id: UUID, member_id: UUID, by_member_id: UUID, strength: str) -> Outcome:
    """A person leaves; every role of theirs ends. PracticeError."""
    return change(
        practice_id=practice_id, what=kinds.LEAVING, payload={"member_id": str(member_id)},
        by_member_id=by_member_id, strength=strength,
    )  # fmt: skip
