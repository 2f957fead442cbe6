"""From a request's headers to an answer: the facts by one look-up each in the snapshot, then the decision."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from hmac import compare_digest
from time import time_ns
from typing import NamedTuple

from pocketward.gate.compiler import EMPTY, CompiledRules
from pocketward.gate.decision import decide
from pocketward.gate.freshness import ProductClock
from pocketward.gate.headers import (
    CERTIFICATE,
    COOKIE,
    METHOD,
    SECRET,
    URI,
    Asked,
    Headers,
    read_headers,
)
from pocketward.gate.horizon import stable_until
from pocketward.gate.identity import CertificateReader
from pocketward.gate.paths import UNCLEAR, PathMap
from pocketward.gate.recorder import Kept, Recorder
from pocketward.gate.records import AppFacts, ClientFacts, Facts, PersonFacts, RequestFacts, SessionFacts
from pocketward.gate.snapshot import PracticeView, Snapshot

UNENROLLED = ClientFacts("unenrolled")
# Refusals of these kinds are things that no honest client does.
ALARMS = frozenset(
    (
        "header_untrusted", "header_repeated", "header_placeholder", "certificate_invalid",
        "certificate_unreadable", "certificate_wrong_purpose", "certificate_unknown", "address_unclear",
        "session_other_device",
    )
)  # fmt: skip
MOST_CALLERS = 10_000
MOST_HEADERS = 64
MOST_RECENT = 32
SOUND_MS = 50

# From when until when (milliseconds) the answer stands.
Allowed = tuple[int, int, Kept]


class Layout(NamedTuple):
    """Where a proxy puts what differs from request to request, as places in the list of headers."""

    cookie: int
    method: int
    secret: int
    uri: int


class Caller:
    """What a session was allowed so far: by resource, from when until when, with the answer.

    All of it counts only for requests that differ in their address alone (`before` and `after` are the other
    headers), while the practice's view is of the same generation, and no row of a device that has or had the
    caller's certificate has come. `recent` holds the same by the addresses asked for last, as they came.
    """

    __slots__ = ("after", "allowed", "before", "changes", "generation", "paths", "recent", "seen", "view")

    def __init__(self, view: PracticeView, paths: PathMap, fingerprint: str) -> None:
        self.view, self.paths, self.generation = view, paths, view.generation
        self.changes = view.changes_of(fingerprint)
        self.seen = self.changes[0]
        self.before: Headers = []
        self.after: Headers = []
        self.allowed: dict[str, Allowed] = {}
        self.recent: dict[bytes, Allowed] = {}

    def allow(self, resource: str, allowed: Allowed) -> None:
        """Take in an answer; it stands in place of an older one for the same resource."""
        self.allowed[resource] = allowed
        self.recent.clear()

    def at(self, uri: bytes) -> Allowed | None:
        """What was allowed of the resource that this address belongs to; None for nothing yet."""
        found = self.allowed.get(self.paths.resource_of(uri.decode("latin-1")))
        if found is not None:
            if len(self.recent) >= MOST_RECENT:
                self.recent.clear()
            self.recent[uri] = found
        return found

    def counts(self) -> bool:
        """Whether nothing that was looked at has changed."""
        return self.seen == self.changes[0] and self.generation == self.view.generation


class Asking:
    """Answers requests from the snapshot. For one thread: the event loop's.

    `fault` names why the gate itself must refuse, or "".
    """

    def __init__(
        self,
        snapshot: Snapshot,
        recorder: Recorder,
        product_clock: ProductClock,
        *,
        proxy_secret: str,
        fault: Callable[[], str],
        is_trusted_socket: bool = False,
    ) -> None:
        if not proxy_secret and not is_trusted_socket:
            raise ValueError("a gate on TCP needs the proxy's secret")
        self._snapshot, self._recorder, self._clock = snapshot, recorder, product_clock
        self._secret = proxy_secret.encode()
        self._digest_key = hashlib.sha256(b"pocketward gate digests" + self._secret).digest()
        self._fault = fault
        self._is_trusted_socket = is_trusted_socket
        self._certificates = CertificateReader()
        self._callers: dict[tuple[bytes, bytes], Caller] = {}
        self._sound_at_ms = -SOUND_MS
        # By the number of headers: a proxy sends the same ones in the same order.
        self._layouts: dict[int, Layout] = {}

    def answer(self, headers: Headers) -> Kept:
        """Decide one request, record it, and give the answer with its decision id.

        The next request of an allowed session is looked up, not decided again, but only while both give
        the same for sure: no row that matters to it has come since, and no moment was passed at which one of
        the decision's comparisons changes.
        """
        at_ms = time_ns() // 1_000_000 + self._clock.offset_ms
        layout = self._layouts.get(len(headers))
        if layout is None:
            return self._decide(headers, at_ms)
        cookie, method, secret, uri = layout
        caller = self._callers.get((headers[cookie][1], headers[method][1]))
        if (
            caller is not None
            and caller.seen == caller.changes[0]
            and caller.generation == caller.view.generation
            and (self._is_trusted_socket or compare_digest(headers[secret][1], self._secret))
            and headers[uri][0] == URI
            and headers[:uri] == caller.before
            and headers[uri + 1 :] == caller.after
        ):
            found = caller.recent.get(headers[uri][1]) or caller.at(headers[uri][1])
            if found is not None and (0 <= at_ms - self._sound_at_ms < SOUND_MS or self._is_sound(at_ms)):
                since_ms, until_ms, kept = found
                if since_ms <= at_ms < until_ms:
                    self._recorder.again(kept, at_ms)
                    return kept
        return self._decide(headers, at_ms)

    def _is_sound(self, at_ms: int) -> bool:
        """Whether the gate has no fault of its own; asked anew after 50 ms, and when the clock stepped."""
        if self._fault():
            return False
        self._sound_at_ms = at_ms
        return True

    def _decide(self, headers: Headers, at_ms: int) -> Kept:
        asked = read_headers(headers, self._secret, is_trusted_socket=self._is_trusted_socket)
        found = None if asked.fault else self._snapshot.app_at(asked.host)
        if found is None:
            facts, rules = self._facts_without_app(asked, at_ms // 1000), EMPTY
        else:
            facts, rules = self._facts(asked, at_ms // 1000, *found)
        decision = decide(facts, rules, "")
        kept = self._recorder.note(decision, facts, at_ms)
        if decision.reasons:
            self._raise_alarms(facts, kept, asked, at_ms)
        elif found is not None and facts.session is not None:
            self._remember(headers, kept, facts, rules, at_ms, *found)
        return kept

    def _remember(
        self, headers: Headers, kept: Kept, facts: Facts, rules: CompiledRules, at_ms: int,
        view: PracticeView, app: AppFacts,
    ) -> None:  # fmt: skip
        layout = _layout_of(headers, needs_secret=not self._is_trusted_socket)
        if layout is None:
            return
        key = headers[layout.cookie][1], headers[layout.method][1]
        before, after = headers[: layout.uri], headers[layout.uri + 1 :]
        caller = self._callers.get(key)
        if caller is None or not caller.counts() or (caller.before, caller.after) != (before, after):
            if len(self._callers) >= MOST_CALLERS:
                self._callers.clear()
            caller = self._callers[key] = Caller(view, view.paths[app.app_id], facts.client.fingerprint)
            caller.before, caller.after = before, after
        self._layouts[len(headers)] = layout
        certificate = next((value for name, value in headers if name == CERTIFICATE), b"")
        shown_until = self._certificates.valid_until(certificate, view.trust)
        until = min(stable_until(facts, rules), shown_until + 1)
        # Not past the minute: repetitions are counted by the minute, and `note` turns it.
        caller.allow(facts.resource, (at_ms, min(until * 1000, kept.minute_ends_ms), kept))

    def _facts_without_app(self, asked: Asked, at: int) -> Facts:
        request = RequestFacts(at, asked.method, asked.host[:253])
        if asked.fault:
            return Facts(request, ClientFacts("refused", asked.fault))
        return Facts(request, UNENROLLED, fault=self._fault())

    def _facts(self, asked: Asked, at: int, view: PracticeView, app: AppFacts) -> tuple[Facts, CompiledRules]:
        network = view.zone_of(asked.address) if asked.address else None
        request = RequestFacts(at, asked.method, asked.host, self.digest(asked.uri), network)
        resource = view.paths[app.app_id].resource_of(asked.uri)
        client = self._client(asked, at, view)
        if resource == UNCLEAR:
            resource = ""
            if client.kind != "refused":
                client = ClientFacts("refused", UNCLEAR, client.fingerprint)
        device = view.device_by_fingerprint(client.fingerprint) if client.kind == "enrolled" else None
        session, person = self._person(asked, view, app)
        emergency = permit = None
        if view.emergencies and session is not None:
            emergency = view.emergency_for(session.member_id, app.app_id)
        if view.permits and device is None:
            permit = view.permits_for(app.app_id, network)
        fault = self._fault() or ("" if view.are_rules_readable else "rules_unreadable")
        facts = Facts(
            request, client, resource, view.rules.digest, view.facts is not None, fault, app, person, session,
            device, emergency, permit,
        )  # fmt: skip
        return facts, view.rules

    def _client(self, asked: Asked, at: int, view: PracticeView) -> ClientFacts:
        if not asked.certificate:
            return UNENROLLED
        authorities = view.facts.authorities if view.facts is not None else ()
        shown = self._certificates.read(asked.certificate, trust=view.trust, authorities=authorities, at=at)
        if shown.code:
            return ClientFacts("refused", shown.code, shown.fingerprint)
        if view.device_by_fingerprint(shown.fingerprint) is None:
            return ClientFacts("refused", "certificate_unknown", shown.fingerprint)
        return ClientFacts("enrolled", "", shown.fingerprint)

    def _person(
        self, asked: Asked, view: PracticeView, app: AppFacts
    ) -> tuple[SessionFacts | None, PersonFacts | None]:
        if not asked.token:
            return None, None
        session = self._snapshot.sessions.get(hashlib.sha256(asked.token).hexdigest())
        if session is None or session.practice_id != app.practice_id:
            return None, None
        return session, view.persons.get(session.member_id)

    def digest(self, text: str) -> str:
        """A keyed digest, 16 hex digits: the same text gives the same one, and nobody else can make it."""
        return hashlib.blake2b(text.encode(), key=self._digest_key, digest_size=8).hexdigest()

    def network_digest(self, address: str) -> str:
        """A keyed digest of the caller's network: /24 of an IPv4 address, /48 of an IPv6 one."""
        if not address:
            return ""
        network = ".".join(address.split(".")[:3]) if "." in address else ":".join(address.split(":")[:3])
        return hmac.new(self._digest_key, network.encode(), "sha256").hexdigest()[:16]

    def _raise_alarms(self, facts: Facts, kept: Kept, asked: Asked, at_ms: int) -> None:
        for reason in kept.decision.reasons:
            if reason.code in ALARMS:
                self._recorder.alarm(
                    reason.code,
                    host=asked.host,
                    network_digest=self.network_digest(asked.address),
                    at_ms=at_ms,
                    practice_id=facts.app.practice_id if facts.app is not None else "",
                )


def _layout_of(headers: Headers, *, needs_secret: bool) -> Layout | None:
    """Where things stand in this request; None for one that is not of the plain form that is remembered."""
    names = [name for name, _value in headers]
    places = {name: place for place, name in enumerate(names)}
    if len(headers) > MOST_HEADERS or len(places) != len(names) or b"_" in b"".join(names):
        return None
    wanted = (COOKIE, METHOD, URI, *((SECRET,) if needs_secret else ()))
    if not all(name in places for name in wanted):
        return None
    return Layout(places[COOKIE], places[METHOD], places.get(SECRET, 0), places[URI])
