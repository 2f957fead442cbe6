"""Which devices a change of ours would close, asked before it is made.

A computer that nobody checks counts by the person who opened records on it: it has no other name here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from pocketward.access.models import App, DecisionMinute, DecisionRow, DeviceAccess, Hold, Network, Permit
from pocketward.access.networks import checked_network
from pocketward.access.registry import PROXIED, checked_app, standing_app
from pocketward.access.rules import access_rules, role_matrix
from pocketward.gate import language
from pocketward.kernel import clock
from pocketward.practice import api as practice_api

WATCHED_DAYS = 7
# Whoever opened a record system within so many days still uses it.
USED_DAYS = 30
UNCHECKED = "unenrolled"


def closed_by_matrix(*, practice_id: UUID, allowed: Iterable[tuple[str, str]]) -> frozenset[UUID]:
    """The open devices whose holder could no longer open something that one of their roles opens now.

    A device that everybody uses counts as soon as anybody loses something.
    """
    standing = _standing(practice_id)
    left = standing & set(allowed)
    if left == standing:
        return frozenset()
    losing = {
        str(person.id)
        for person in practice_api.members(practice_id=practice_id)
        if _opened(standing, person.roles) > _opened(left, person.roles)
    }
    rows = DeviceAccess.objects.filter(practice_id=practice_id, open=True)
    return frozenset(
        row.device_id for row in rows if row.holder in losing or (losing and (row.shared or not row.holder))
    )


def closed_by_roles(*, member_id: UUID, roles: Iterable[str]) -> frozenset[UUID]:
    """The person's own open devices, when with exactly these roles they could open less than now."""
    person = practice_api.get_member(member_id=member_id)
    standing = _standing(person.practice_id)
    if _opened(standing, person.roles) <= _opened(standing, frozenset(roles)):
        return frozenset()
    rows = DeviceAccess.objects.filter(practice_id=person.practice_id, open=True, holder=str(member_id))
    return frozenset(rows.values_list("device_id", flat=True))


def _standing(practice_id: UUID) -> set[tuple[str, str]]:
    return {(role, resource) for role, resource, can in role_matrix(practice_id=practice_id) if can}


def _opened(pairs: Iterable[tuple[str, str]], roles: frozenset[str]) -> frozenset[str]:
    return frozenset(resource for role, resource in pairs if role in roles)


def closed_by_enforcing(*, app_id: UUID) -> frozenset[UUID]:
    """The devices that opened a watched app in the last days and would have been refused.

    Those that a report or an officer holds are closed already.
    """
    rows = DecisionRow.objects.filter(app_id=app_id, made_at__gt=clock.now() - timedelta(days=WATCHED_DAYS))
    rows = rows.exclude(would_have="").exclude(device_id=None)
    return frozenset(rows.values_list("device_id", flat=True)) - _held()


def _held() -> frozenset[UUID]:
    return frozenset(Hold.objects.filter(lifted_at=None).values_list("device_id", flat=True))


def closed_by_app_change(*, app_id: UUID, **parts: Any) -> frozenset[UUID]:
    """Who uses the app, when its door leaves our gate or its addresses are taken away or sorted anew.

    `parts` as `change_app` takes them; AppRefused says what cannot be.
    """
    row = standing_app(app_id)
    columns = checked_app(row.practice_id, app_id, **parts)
    loses = (
        columns["door"] != PROXIED
        or set(row.hosts) - set(columns["hosts"])
        or [list(pair) for pair in row.paths] != columns["paths"]
    )
    return _users(row) if row.door == PROXIED and loses else frozenset()


def closed_by_app_removal(*, app_id: UUID) -> frozenset[UUID]:
    """Who uses the app, when its door is our gate: its addresses would be refused. NoSuchApp."""
    row = standing_app(app_id)
    return _users(row) if row.door == PROXIED else frozenset()


def closed_by_ending_permit(*, permit_id: UUID) -> frozenset[UUID]:
    """Who opened the app unchecked from the permit's network, while the permit still lets them in."""
    row = Permit.objects.filter(pk=permit_id, ended_at=None).first()
    if row is None or (row.expires_at is not None and row.expires_at <= clock.now()):
        return frozenset()
    return _clients(_lately().filter(app_id=row.app_id, network=row.network, client=UNCHECKED))


def closed_by_network(*, practice_id: UUID, zone: str, cidrs: tuple[str, ...]) -> frozenset[UUID]:
    """Who got in unchecked from a network that would lose addresses; NetworkRefused.

    Every open device when the rules ask for a network: what they ask for may be seen from elsewhere then.
    """
    losing = _losing_zones(practice_id, zone, checked_network(zone, cidrs))
    rules = language.write_rules(access_rules(practice_id=practice_id))
    found = _clients(_lately().filter(network__in=losing, client=UNCHECKED))
    return found | (_open_devices() if b'"network"' in rules else frozenset())


def _losing_zones(practice_id: UUID, zone: str, cidrs: tuple[str, ...]) -> set[str]:
    """The zone itself when it is seen from fewer addresses, and others that it takes some from."""
    found = set()
    wanted = [ipaddress.ip_network(text) for text in cidrs]
    for row in Network.objects.filter(practice_id=practice_id):
        standing = [ipaddress.ip_network(text) for text in row.cidrs]
        if row.zone == zone:
            loses = not set(row.cidrs) <= set(cidrs)
        else:
            loses = any(one.overlaps(other) for one in standing for other in wanted)
        if loses:
            found.add(row.zone)
    return found


def _lately() -> QuerySet[DecisionRow]:
    """What the gate let pass in the last days, for the first time or again."""
    since = clock.now() - timedelta(days=USED_DAYS)
    again = DecisionMinute.objects.filter(minute__gt=since).values("decision_id")
    rows: QuerySet[DecisionRow] = DecisionRow.objects.filter(outcome="allow")
    return rows.filter(Q(made_at__gt=since) | Q(pk__in=again))


def _users(app: App) -> frozenset[UUID]:
    """Who opened the app lately and still could: where it is enforced, devices that are closed could not."""
    used = _clients(_lately().filter(app_id=app.id))
    unchecked = _clients(_lately().filter(app_id=app.id, client=UNCHECKED))
    return unchecked | (used & _open_devices() if app.mode == App.ENFORCE else used - _held())


def _clients(rows: QuerySet[DecisionRow]) -> frozenset[UUID]:
    pairs = rows.values_list("device_id", "member_id")
    found = (device or member for device, member in pairs)
    return frozenset(client for client in found if client is not None)


def _open_devices() -> frozenset[UUID]:
    return frozenset(DeviceAccess.objects.filter(open=True).values_list("device_id", flat=True))
