"""The kinds of change that can close phones: whom each would close, what it stands on, how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pocketward.access import api as access_api
from pocketward.policy import api as policy_api
from pocketward.posture import api as posture_api

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind. `closes` names devices, `standing` what would be replaced, `make` puts it in force."""

    closes: Callable[[UUID, Payload], frozenset[UUID]]
    standing: Callable[[UUID, Payload], str]
    make: Callable[[UUID, Payload, str, str], int | None]


def _closed_by_policy(practice_id: UUID, payload: Payload) -> frozenset[UUID]:
    draft = policy_api.draft(practice_id=practice_id, text=payload["text"])
    return frozenset(posture_api.would_close(draft=draft))


def _standing_policy(practice_id: UUID, payload: Payload) -> str:
    return str(policy_api.policy(practice_id=practice_id).number)


def _make_policy(practice_id: UUID, payload: Payload, reason: str, by: str) -> int:
    return policy_api.set_policy(practice_id=practice_id, text=payload["text"], reason=reason, by=by)


def _pairs(payload: Payload) -> list[tuple[str, str]]:
    return [(role, resource) for role, resource in payload["allowed"]]


def _closed_by_matrix(practice_id: UUID, payload: Payload) -> frozenset[UUID]:
    return access_api.closed_by_matrix(practice_id=practice_id, allowed=_pairs(payload))


def _standing_rules(practice_id: UUID, payload: Payload) -> str:
    versions = access_api.access_rules_history(practice_id=practice_id)
    return str(versions[0].number if versions else 0)


def _make_matrix(practice_id: UUID, payload: Payload, reason: str, by: str) -> int | None:
    return access_api.set_role_matrix(practice_id=practice_id, allowed=_pairs(payload), reason=reason, by=by)


def _closed_by_enforcing(practice_id: UUID, payload: Payload) -> frozenset[UUID]:
    if payload["mode"] != "enforce" or _standing_mode(practice_id, payload) == "enforce":
        return frozenset()
    return access_api.closed_by_enforcing(app_id=UUID(payload["app_id"]))


def _standing_mode(practice_id: UUID, payload: Payload) -> str:
    app = access_api.get_app(app_id=UUID(payload["app_id"]))
    return "removed" if app.is_removed else app.mode


def _make_mode(practice_id: UUID, payload: Payload, reason: str, by: str) -> None:
    access_api.set_app_mode(app_id=UUID(payload["app_id"]), mode=payload["mode"], by=by)


POLICY, MATRIX, MODE = "policy", "matrix", "mode"
KINDS: Final[Mapping[str, Kind]] = {
    POLICY: Kind(_closed_by_policy, _standing_policy, _make_policy),
    MATRIX: Kind(_closed_by_matrix, _standing_rules, _make_matrix),
    MODE: Kind(_closed_by_enforcing, _standing_mode, _make_mode),
}
