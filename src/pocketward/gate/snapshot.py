"""The gate's picture of the world: rows in, records out, all in memory.

Rows come from a `SnapshotStore` that `config` injects. A row counts only when its version is greater than
the one held, so overlapping polls are harmless; a deleted row stays as a version. A row that cannot be read
removes what it replaced: what we cannot understand must not keep a door open.

One state at a time: the records are frozen, a poll is one state of the database, and `Snapshot.apply` takes
it in without waiting, in the one thread that also decides. So a decision sees all of a poll or none of it,
and what it holds never changes (decision 56).
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import msgspec

from pocketward.gate.compiler import EMPTY, CompiledRules, compile_body
from pocketward.gate.language import IDENTIFIER, RulesRefused
from pocketward.gate.paths import PathMap
from pocketward.gate.records import (
    AppFacts,
    DeviceFacts,
    EmergencyFacts,
    PermitFacts,
    PersonFacts,
    PracticeFacts,
    SessionFacts,
)

log = logging.getLogger(__name__)

ELSEWHERE = "elsewhere"
_NETWORK_CACHE = 10_000


class Row(NamedTuple):
    """One row of the snapshot table; `body` is JSON, empty when deleted."""

    practice: str
    kind: str
    key: str
    version: int
    deleted: bool
    body: bytes


class Changes(NamedTuple):
    """What one poll found, and where the next one goes on."""

    rows: tuple[Row, ...]
    cursor: bytes


class SnapshotStore(Protocol):
    """A reader of the snapshot table with a plain database driver; called from one thread."""

    def poll(self, cursor: bytes | None) -> Changes:
        """All rows that may have changed since `cursor`, all rows for None; raises when it cannot tell."""
        ...

    def close(self) -> None:
        """Let go of the connection; the next poll opens another."""
        ...


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass
class PracticeView:
    """All that the snapshot holds of one practice.

    `generation` grows whenever any of it may have changed but a device; a device's row changes only what the
    holders of its certificates get, so `shown` counts for each fingerprint, in a list of one number that
    whoever remembers an answer may hold. A phone that checks in then costs the other phones nothing.
    """

    generation: int = 0
    shown: dict[str, list[int]] = field(default_factory=dict)
    facts: PracticeFacts | None = None
    rules: CompiledRules = EMPTY
    are_rules_readable: bool = True
    persons: dict[str, PersonFacts] = field(default_factory=dict)
    devices: dict[str, DeviceFacts] = field(default_factory=dict)
    by_fingerprint: dict[str, str] = field(default_factory=dict)
    apps: dict[str, AppFacts] = field(default_factory=dict)
    paths: dict[str, PathMap] = field(default_factory=dict)
    permits: dict[str, PermitFacts] = field(default_factory=dict)
    emergencies: dict[str, EmergencyFacts] = field(default_factory=dict)
    networks: tuple[tuple[Network, str], ...] = ()
    zones: dict[str, str | None] = field(default_factory=dict)
    trust: str = ""

    def zone_of(self, address: str) -> str | None:
        """The zone id of an address, `elsewhere` for one outside all zones, None for no address."""
        if address in self.zones:
            return self.zones[address]
        if len(self.zones) >= _NETWORK_CACHE:
            self.zones.clear()
        zone = self.zones[address] = _zone(self.networks, address)
        return zone

    def device_by_fingerprint(self, fingerprint: str) -> DeviceFacts | None:
        """The device whose access certificate this is."""
        return self.devices.get(self.by_fingerprint.get(fingerprint, ""))

    def device_changed(self, fingerprint: str) -> None:
        """Whatever was answered to the holder of this certificate no longer counts."""
        self.changes_of(fingerprint)[0] += 1

    def changes_of(self, fingerprint: str) -> list[int]:
        """The living count of changes to the device of this certificate."""
        return self.shown.setdefault(fingerprint, [0])

    def permits_for(self, app_id: str, network: str | None) -> PermitFacts | None:
        """The permit for unenrolled clients of this app on this network."""
        for permit in self.permits.values():
            if permit.app_id == app_id and permit.network == network:
                return permit
        return None

    def emergency_for(self, member_id: str, app_id: str) -> EmergencyFacts | None:
        """The person's emergency grant for this app that ends last."""
        found = [
            grant
            for grant in self.emergencies.values()
            if grant.member_id == member_id and grant.app_id == app_id
        ]
        return max(found, key=lambda grant: grant.expires_at) if found else None


def _zone(networks: Iterable[tuple[Network, str]], address: str) -> str | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    for network, zone in networks:
        if parsed.version == network.version and parsed in network:
            return zone
    return ELSEWHERE


class Snapshot:
    """Rows of all practices, indexed for one look-up a request."""

    def __init__(self) -> None:
        self.practices: dict[str, PracticeView] = {}
        self.sessions: dict[str, SessionFacts] = {}
        self.hosts: dict[str, tuple[tuple[str, str], ...]] = {}
        self.unreadable: set[tuple[str, str, str]] = set()
        self._versions: dict[tuple[str, str, str], int] = {}
        self._put: dict[str, Callable[[PracticeView, Row], None]] = {
            "practice": self._put_practice,
            "person": self._put_person,
            "device": self._put_device,
            "session": self._put_session,
            "app": self._put_app,
            "permit": self._put_permit,
            "emergency": self._put_emergency,
            "rules": self._put_rules,
        }

    def apply(self, rows: Iterable[Row]) -> int:
        """Take in rows in any order; how many were new."""
        applied = 0
        for row in rows:
            place = (row.practice, row.kind, row.key)
            if row.version <= self._versions.get(place, -1):
                continue
            self._versions[place] = row.version
            self._apply(place, row)
            applied += 1
        return applied

    def _apply(self, place: tuple[str, str, str], row: Row) -> None:
        put = self._put.get(row.kind)
        if put is None:
            return
        view = self.practices.setdefault(row.practice, PracticeView())
        if row.kind != "device":
            view.generation += 1
        self.unreadable.discard(place)
        self._remove(view, row)
        if row.deleted:
            return
        try:
            put(view, row)
        except (msgspec.DecodeError, RulesRefused, ValueError) as error:
            self.unreadable.add(place)
            if row.kind == "rules":
                view.are_rules_readable = False
            kind = type(error).__name__
            log.error("snapshot row %s of practice %s cannot be read: %s", place[1:], row.practice, kind)

    def app_at(self, host: str) -> tuple[PracticeView, AppFacts] | None:
        """The app under a host name; None for no app, and for a host that two apps claim."""
        found = self.hosts.get(host)
        if found is None or len(found) != 1:
            return None
        practice, app_id = found[0]
        view = self.practices[practice]
        return view, view.apps[app_id]

    def _remove(self, view: PracticeView, row: Row) -> None:
        match row.kind:
            case "practice":
                view.facts, view.networks, view.zones, view.trust = None, (), {}, ""
            case "person":
                view.persons.pop(row.key, None)
            case "device":
                old = view.devices.pop(row.key, None)
                for fingerprint in old.fingerprints if old else ():
                    view.device_changed(fingerprint)
                    if view.by_fingerprint.get(fingerprint) == row.key:
                        del view.by_fingerprint[fingerprint]
            case "session":
                held = self.sessions.get(row.key)
                if held is not None and held.practice_id == row.practice:
                    del self.sessions[row.key]
            case "app":
                self._forget_hosts(row, view.apps.pop(row.key, None))
            case "permit":
                view.permits.pop(row.key, None)
            case "emergency":
                view.emergencies.pop(row.key, None)
            case "rules":
                view.rules, view.are_rules_readable = EMPTY, True

    def _put_practice(self, view: PracticeView, row: Row) -> None:
        facts = _read(PracticeFacts, row, "practice_id")
        networks = []
        for network in facts.networks:
            if not IDENTIFIER.fullmatch(network.zone) or network.zone == ELSEWHERE:
                raise ValueError("a network zone is not an id")
            networks += [(ipaddress.ip_network(cidr), network.zone) for cidr in network.cidrs]
        # The narrowest network wins.
        networks.sort(key=lambda item: item[0].prefixlen, reverse=True)
        view.networks = tuple(networks)
        view.trust = hashlib.sha256("\n".join(facts.authorities).encode()).hexdigest()
        view.facts = facts

    def _put_person(self, view: PracticeView, row: Row) -> None:
        view.persons[row.key] = _read(PersonFacts, row, "member_id")

    def _put_device(self, view: PracticeView, row: Row) -> None:
        device = _read(DeviceFacts, row, "device_id")
        view.devices[row.key] = device
        for fingerprint in device.fingerprints:
            view.by_fingerprint[fingerprint] = row.key
            view.device_changed(fingerprint)

    def _put_session(self, view: PracticeView, row: Row) -> None:
        self.sessions[row.key] = _read(SessionFacts, row, "token_hash")

    def _put_app(self, view: PracticeView, row: Row) -> None:
        app = _read(AppFacts, row, "app_id")
        view.apps[row.key], view.paths[row.key] = app, PathMap(app)
        for host in app.hosts:
            self.hosts[host] = (*self.hosts.get(host, ()), (row.practice, row.key))
            self._host_changed(host)

    def _put_permit(self, view: PracticeView, row: Row) -> None:
        view.permits[row.key] = _read(PermitFacts, row, "permit_id")

    def _put_emergency(self, view: PracticeView, row: Row) -> None:
        view.emergencies[row.key] = _read(EmergencyFacts, row, "grant_id")

    def _put_rules(self, view: PracticeView, row: Row) -> None:
        view.rules = compile_body(row.body)

    def _forget_hosts(self, row: Row, app: AppFacts | None) -> None:
        for host in app.hosts if app else ():
            left = tuple(item for item in self.hosts.get(host, ()) if item != (row.practice, row.key))
            if left:
                self.hosts[host] = left
            else:
                self.hosts.pop(host, None)
            self._host_changed(host)

    def _host_changed(self, host: str) -> None:
        """A host that two apps claim belongs to neither, so both practices' views have changed."""
        for practice, _app_id in self.hosts.get(host, ()):
            self.practices[practice].generation += 1


_decoders: dict[type, Any] = {}


def _read(record: type[Any], row: Row, key: str) -> Any:
    """The row's record; ValueError when it names another practice or key than the row does."""
    decoder = _decoders.get(record)
    if decoder is None:
        decoder = _decoders[record] = msgspec.json.Decoder(record)
    facts = decoder.decode(row.body)
    if facts.practice_id != row.practice or getattr(facts, key) != row.key:
        raise ValueError("the row's body belongs to another row")
    return facts
