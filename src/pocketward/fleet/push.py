"""Waking phones through Apple's push service, over HTTP/2 with the practice's own certificate.

A push carries no content; it only makes the phone ask for its work. It is always a job: it may be late, come
twice or not at all, and the queue stays right.
"""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
from django.conf import settings

from pocketward.fleet import joining, queue
from pocketward.fleet.errors import PushUnavailable
from pocketward.fleet.models import Enrollment
from pocketward.fleet.push_certificates import (
    PushIdentity,
    note_push_proven,
    push_certificate,
    push_identity,
)
from pocketward.fleet.push_plans import DAILY, plan_again, plan_retry, push_to_all
from pocketward.kernel import clock
from pocketward.kernel.crypto import random_key, sha256_hex
from pocketward.protocols.apns import PushOutcome, PushRequest, PushResult, mdm_push, read_response
from pocketward.spine.api import JobContext, close_task, enqueue, open_task, unit_of_work

CERTIFICATE_TASK, UNREACHABLE_TASK = "push-certificate", "push-unreachable"
KEEP_FOR = timedelta(days=7)
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
MOST_CONNECTIONS = 64
ALARM_DAYS = (60, 30, 14, 7)
# After so many tries in a row the operator is told.
TELL_AFTER = 4
REFUSED, NO_CERTIFICATE, NO_TOKEN = "refused", "no_certificate", "no_token"
SAID = {PushResult.ACCEPTED: "accepted", PushResult.UNREGISTERED: "gone"}


class _Clients:
    """One lasting HTTP/2 connection for each push certificate, the least used closed first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, httpx.Client] = OrderedDict()

    def get(self, identity: PushIdentity) -> httpx.Client:
        push = settings.POCKETWARD.push
        key = sha256_hex(f"{push.host}:{push.port}:{push.trust_file}\n{identity.certificate_pem}".encode())
        with self._lock:
            client = self._known.get(key)
            if client is None:
                client = httpx.Client(
                    http2=True,
                    base_url=f"https://{push.host}:{push.port}",
                    verify=_tls(identity, push.trust_file),
                    timeout=TIMEOUT,
                    trust_env=False,
                )
                self._known[key] = client
            self._known.move_to_end(key)
            if len(self._known) > MOST_CONNECTIONS:
                self._known.popitem(last=False)[1].close()
            return client

    def forget(self) -> None:
        """Close everything; a renewed certificate is used without a restart anyway."""
        with self._lock:
            while self._known:
                self._known.popitem()[1].close()


def _tls(identity: PushIdentity, trust_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(trust_file) if trust_file is not None else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with _as_file(f"{identity.certificate_pem}\n{identity.key_pem}") as path:
        context.load_cert_chain(path)
    return context


@contextlib.contextmanager
def _as_file(text: str) -> Iterator[str]:
    """Python's TLS reads keys from files only: one in memory, or else a private one on disk."""
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("push")
        try:
            os.write(handle, text.encode())
            yield f"/proc/self/fd/{handle}"
        finally:
            os.close(handle)
    else:
        with tempfile.NamedTemporaryFile("w", dir=settings.POCKETWARD.home / "keys") as file:
            file.write(text)
            file.flush()
            yield file.name


_clients = _Clients()


def forget_connections() -> None:
    """Close all push connections."""
    _clients.forget()


def _send(identity: PushIdentity, request: PushRequest) -> PushOutcome:
    """Send one push; once more at once when a connection that lay idle turns out to be closed."""
    try:
        response = _post(identity, request)
    except (httpx.HTTPError, OSError) as error:
        raise PushUnavailable(type(error).__name__) from error
    return read_response(response.status_code, response.headers, response.content)


def _post(identity: PushIdentity, request: PushRequest) -> httpx.Response:
    client = _clients.get(identity)
    headers = list(request.headers)
    try:
        return client.post(request.path, headers=headers, content=request.body)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        # A push that came twice wakes a phone twice, which is harmless.
        return client.post(request.path, headers=headers, content=request.body)


@dataclass(frozen=True)
class Pushed:
    """What came of one push.

    `said` is accepted, gone (410), refused, no_certificate or no_token; no `outcome`: Apple was not asked.
    """

    practice_id: UUID
    enrollment_id: UUID
    said: str
    outcome: PushOutcome | None = None


def push_now(*, enrollment_id: UUID) -> Pushed:
    """Push once, whether or not something waits there, to learn whether the phone can still be reached.

    Talks to Apple, so never inside a unit of work; `note_pushed` takes the answer in. PushUnavailable when
    Apple cannot be reached.
    """
    return _push(Enrollment.objects.get(pk=enrollment_id))


@unit_of_work
def note_pushed(*, pushed: Pushed, again: int = DAILY, tries: int = 0) -> None:
    """What the answer to a push changes, after `again` that were taken and `tries` that failed in a row."""
    if pushed.outcome is not None:
        _take_in(Enrollment.objects.get(pk=pushed.enrollment_id), pushed.outcome, again, tries)
    elif pushed.said == NO_CERTIFICATE:
        # Nothing to plan: the certificate that is uploaded then wakes every phone.
        _tell_operator(pushed.practice_id)


def run_push(context: JobContext) -> None:
    """Wake one enrolled phone that has something to fetch; what failed is planned again, without an end."""
    enrollment = Enrollment.objects.filter(pk=UUID(context.payload["enrollment_id"])).first()
    if enrollment is None or enrollment.state not in Enrollment.LIVE or not _has_work(enrollment):
        context.finish()
        return
    again, tries = int(context.payload.get("again", 0)), int(context.payload.get("tries", 0))
    try:
        pushed = _push(enrollment)
    except PushUnavailable as error:
        reason = str(error)
        context.finish(lambda: _unreachable(enrollment, tries + 1, reason))
        return
    context.finish(lambda: note_pushed(pushed=pushed, again=again, tries=tries))


def _unreachable(enrollment: Enrollment, tries: int, reason: str) -> None:
    plan_retry(practice_id=enrollment.practice_id, enrollment_id=enrollment.id, tries=tries)
    if tries >= TELL_AFTER:
        sentence = f"Apple's push service cannot be reached ({reason}): phones are not woken."
        open_task(enrollment.practice_id, UNREACHABLE_TASK, sentence)


def _push(enrollment: Enrollment) -> Pushed:
    if enrollment.token_dead_at is not None or not (enrollment.push_token and enrollment.push_magic):
        return Pushed(enrollment.practice_id, enrollment.id, NO_TOKEN)
    identity = push_identity(practice_id=enrollment.practice_id)
    if identity is None or identity.topic != enrollment.topic:
        return Pushed(enrollment.practice_id, enrollment.id, NO_CERTIFICATE)
    outcome = _send(identity, _request(identity, enrollment))
    if outcome.may_retry:
        raise PushUnavailable(outcome.reason)
    said = SAID.get(outcome.result, REFUSED)
    return Pushed(enrollment.practice_id, enrollment.id, said, outcome)


def _has_work(enrollment: Enrollment) -> bool:
    return queue.has_open_commands(enrollment_id=enrollment.id)


def _request(identity: PushIdentity, enrollment: Enrollment) -> PushRequest:
    return mdm_push(
        token=bytes(enrollment.push_token or b""),
        topic=identity.topic,
        push_magic=str(enrollment.push_magic),
        expiration=int((clock.true_now() + KEEP_FOR).timestamp()),
    )


def _tell_operator(practice_id: UUID) -> None:
    sentence = (
        "There is no push certificate: phones are told nothing until one is uploaded."
        if push_identity(practice_id=practice_id) is None
        else "A phone was enrolled with another push certificate: renew the one with its topic."
    )
    open_task(practice_id, CERTIFICATE_TASK, sentence)


def _take_in(enrollment: Enrollment, outcome: PushOutcome, again: int, tries: int) -> None:
    """What the answer changes, in the transaction that ends the job."""
    practice_id = enrollment.practice_id
    if outcome.result is PushResult.ACCEPTED:
        _accepted(enrollment, again, tries)
        return
    if outcome.result is PushResult.UNREGISTERED:
        joining.push_token_died(enrollment_id=enrollment.id)
        return
    if outcome.operator_must_act:
        open_task(practice_id, CERTIFICATE_TASK, f"Apple refuses the push certificate ({outcome.reason}).")
    else:
        open_task(
            practice_id,
            f"push:{enrollment.id}",
            f"Apple cannot push to a phone ({outcome.reason or outcome.status}); it must check in by itself.",
        )
    plan_retry(practice_id=practice_id, enrollment_id=enrollment.id, tries=tries + 1)


def _accepted(enrollment: Enrollment, again: int, tries: int) -> None:
    practice_id = enrollment.practice_id
    queue.note_pushed(enrollment_id=enrollment.id)
    note_push_proven(practice_id=practice_id)
    for task in (CERTIFICATE_TASK, UNREACHABLE_TASK, f"push:{enrollment.id}"):
        close_task(practice_id, task)
    plan_again(practice_id=practice_id, enrollment_id=enrollment.id, again=again)
    if tries:
        # What failed before works now: the other phones need not wait out their hour.
        push_to_all(practice_id=practice_id)


@dataclass(frozen=True)
class PushTest:
    """What Apple said to a push for an invented phone: `works` when it knows the certificate."""

    works: bool
    sentence: str
    reason: str


def push_test(*, practice_id: UUID) -> PushTest:
    """Prove the push certificate by pushing to a token that no phone has.

    Apple checks the certificate before the token: "bad token" is the answer that proves it.
    """
    identity = push_identity(practice_id=practice_id)
    if identity is None:
        return PushTest(False, "There is no push certificate yet.", "")
    request = mdm_push(token=random_key(), topic=identity.topic, push_magic="test", expiration=0)
    try:
        outcome = _send(identity, request)
    except PushUnavailable as error:
        return PushTest(False, "Apple's push service could not be reached from here.", str(error))
    if outcome.result in (PushResult.BAD_TOKEN, PushResult.UNREGISTERED, PushResult.ACCEPTED):
        note_push_proven(practice_id=practice_id)
        return PushTest(True, "Apple accepts this push certificate.", outcome.reason)
    if outcome.may_retry:
        return PushTest(False, "Apple asks to try again later.", outcome.reason)
    return PushTest(False, "Apple refuses this push certificate.", outcome.reason)


def run_watch_certificate(context: JobContext) -> None:
    """Look at the push certificate's end once a day, and say so in time."""
    context.finish(lambda: _watch(context.practice_id))


def _watch(practice_id: UUID) -> None:
    record = push_certificate(practice_id=practice_id)
    if record is None:
        return
    now = clock.now()
    left = (record.not_after - now).days
    for days in ALARM_DAYS:
        if left >= days:
            close_task(practice_id, f"push-expiry:{days}")
    due = [days for days in ALARM_DAYS if left < days]
    if due:
        open_task(
            practice_id,
            f"push-expiry:{min(due)}",
            f"The push certificate ends in {max(left, 0)} days. Renew it with the same Apple account.",
        )
    enqueue(
        "fleet.watch_push_certificate",
        practice_id,
        not_before=now + timedelta(days=1),
        key=f"watch-push:{now.date() + timedelta(days=1)}",
    )
