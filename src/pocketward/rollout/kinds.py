"""The kinds of change that can close phones or change who is an officer: whom each would close, what it
stands on, how it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.kernel.canonical import canonical_json
from pocketward.kernel.crypto import sha256_hex
from pocketward.policy import api as policy_api
from pocketward.posture import api as posture_api
from pocketward.practice import api as practice_api

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind. `closes` names devices and refuses what cannot be, `standing` is what would be replaced
    (at most 64 letters), `make` puts it in force and says what came of it, None for nothing. `officer` names
    the person whose officer roles it changes, and whether one ends.
    """

    closes: Callable[[UUID, Payload], frozenset[UUID]]
    standing: Callable[[UUID, Payload], str]
    make: Callable[[UUID, Payload, str, str], int | None]
    officer: Callable[[UUID, Payload], tuple[UUID, bool] | None] = lambda practice_id, payload: None


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


def _app_id(payload: Payload) -> UUID:
    return UUID(payload["app_id"])


def _closed_by_enforcing(practice_id: UUID, payload: Payload) -> frozenset[UUID]:
    app = access_api.get_app(app_id=_app_id(payload))
    if payload["mode"] != "enforce" or app.is_removed or app.mode == "enforce":
        return frozenset()
    return access_api.closed_by_enforcing(app_id=app.id)


def _standing_app(practice_id: UUID, payload: Payload) -> str:
    app = access_api.get_app(app_id=_app_id(payload))
    parts = (
        app.name, app.door, app.hosts, app.paths, app.mode, app.url, app.session_hours, app.is_removed,
    )  # fmt: skip
    return _digest(parts)


def _digest(parts: object) -> str:
    return sha256_hex(canonical_json({"parts": parts}))


def _make_mode(practice_id: UUID, payload: Payload, reason: str, by: str) -> None:
    access_api.set_app_mode(app_id=_app_id(payload), mode=payload["mode"], by=by)


def _app_parts(payload: Payload) -> dict[str, Any]:
    parts = dict(payload["parts"])
    paths = tuple((prefix, resource) for prefix, resource in parts["paths"])
    return parts | {"hosts": tuple(parts["hosts"]), "paths": paths}


def _closed_by_app(practice_id: UUID, payload: Payload) -> frozenset[UUID]:
    return access_api.closed_by_app_change(app_id=_app_id(payload), **_app_parts(payload))


def _make_app(practice_id: UUID, payload: Payload, reason: str, by: str) -> int | None:
    return len(access_api.change_app(app_id=_app_id(payload), by=by, **_app_parts(payload))) or None


def _closed_by_removal(practice_id: UUID, payload: Payload) -> frozenset[UUID]:
    return access_api.closed_by_app_removal(app_id=_app_id(payload))


def _make_removal(practice_id: UUID, payload: Payload, reason: str, by: str) -> None:
    access_api.remove_app(app_id=_app_id(payload), by=by)


def _closed_by_permit(practice_id: UUID, payload: Payload) -> frozenset[UUID]:
    return access_api.closed_by_ending_permit(permit_id=UUID(payload["permit_id"]))


def _standing_permit(practice_id: UUID, payload: Payload) -> str:
    open_ones = {str(item.id) for item in access_api.permits(practice_id=practice_id)}
    return "open" if payload["permit_id"] in open_ones else "ended"


def _make_permit_end(practice_id: UUID, payload: Payload, reason: str, by: str) -> None:
    access_api.end_permit(permit_id=UUID(payload["permit_id"]), by=by)


def _closed_by_network(practice_id: UUID, payload: Payload) -> frozenset[UUID]:
    return access_api.closed_by_network(
        practice_id=practice_id, zone=payload["zone"], cidrs=tuple(payload["cidrs"])
    )


def _standing_networks(practice_id: UUID, payload: Payload) -> str:
    found = access_api.networks(practice_id=practice_id)
    return _digest([[item.zone, list(item.cidrs)] for item in found])


def _make_network(practice_id: UUID, payload: Payload, reason: str, by: str) -> None:
    access_api.name_network(
        practice_id=practice_id, zone=payload["zone"], cidrs=tuple(payload["cidrs"]), by=by
    )


def _member_id(payload: Payload) -> UUID:
    return UUID(payload["member_id"])


def _closed_by_roles(practice_id: UUID, payload: Payload) -> frozenset[UUID]:
    return access_api.closed_by_roles(member_id=_member_id(payload), roles=payload["roles"])


def _standing_roles(practice_id: UUID, payload: Payload) -> str:
    person = practice_api.get_member(member_id=_member_id(payload))
    return _digest([sorted(person.roles), person.left_at is not None])


def _make_roles(practice_id: UUID, payload: Payload, reason: str, by: str) -> int:
    return practice_api.change_roles(member_id=_member_id(payload), role_names=payload["roles"], by=by)


def _officer(practice_id: UUID, payload: Payload) -> tuple[UUID, bool] | None:
    person, after = (
        practice_api.get_member(member_id=_member_id(payload)),
        frozenset(payload.get("roles", ())),
    )
    if not fleet_api.changes_officers(practice_id=practice_id, before=person.roles, after=after):
        return None
    return person.id, bool((person.roles - after) & practice_api.OFFICERS)


def _closed_by_leaving(practice_id: UUID, payload: Payload) -> frozenset[UUID]:
    return access_api.closed_by_roles(member_id=_member_id(payload), roles=())


def _make_leaving(practice_id: UUID, payload: Payload, reason: str, by: str) -> None:
    practice_api.mark_left(member_id=_member_id(payload), by=by)


POLICY, MATRIX, MODE, APP, REMOVAL = "policy", "matrix", "mode", "app", "removal"
PERMIT, NETWORK, ROLES, LEAVING = "permit", "network", "roles", "leaving"
KINDS: Final[Mapping[str, Kind]] = {
    POLICY: Kind(_closed_by_policy, _standing_policy, _make_policy),
    MATRIX: Kind(_closed_by_matrix, _standing_rules, _make_matrix),
    MODE: Kind(_closed_by_enforcing, _standing_app, _make_mode),
    APP: Kind(_closed_by_app, _standing_app, _make_app),
    REMOVAL: Kind(_closed_by_removal, _standing_app, _make_removal),
    PERMIT: Kind(_closed_by_permit, _standing_permit, _make_permit_end),
    NETWORK: Kind(_closed_by_network, _standing_networks, _make_network),
    ROLES: Kind(_closed_by_roles, _standing_roles, _make_roles, _officer),
    LEAVING: Kind(_closed_by_leaving, _standing_roles, _make_leaving, _officer),
}
