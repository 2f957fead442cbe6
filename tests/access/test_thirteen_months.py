"""Thirteen months with a phone that answers: on no day are its records closed, whatever is renewed."""

from __future__ import annotations

import copy
from datetime import timedelta
from urllib.parse import quote, unquote
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from pocketward.access import api as access
from pocketward.fleet import api as fleet
from pocketward.fleet import push
from pocketward.gate import language
from pocketward.kernel import clock
from pocketward.policy import api as policy
from pocketward.posture import api as posture
from pocketward.posture.feed import redate, shipped_feed
from pocketward.practice.api import Member, PracticeRecord
from pocketward.protocols.apple_mdm import Command, parse_profile
from pocketward.spine.api import run_due
from tests.access.clinic import Door
from tests.factories.push_service import Service
from tests.fleet.apple.identities import issue
from tests.fleet.apple.phones import HEALTHY, WirePhone
from tests.fleet.apple.push_certificates import upload

DAYS = 400
# It speaks and the worker runs so seldom: renewal has less to go by than in a practice.
EVERY = 10
SELDOM = policy.template().replace("_hours: 36", "_hours: 300")


class Living:
    """A phone that installs what it is told to, and fetches the identities that are in it."""

    def __init__(self, practice: PracticeRecord, member: Member) -> None:
        self.practice = practice
        ticket = fleet.create_enrollment_ticket(
            practice_id=practice.id, member_id=member.id, ownership="practice", kind="iphone",
            label="Ben's phone", by="system:test",
        )  # fmt: skip
        self.enrollment_id = ticket.enrollment_id
        self.wire = WirePhone(practice.id, issue(practice.id, self.enrollment_id))
        self.wire.authenticate()
        self.wire.update_token()
        (device,) = fleet.devices(practice_id=practice.id)
        self.device_id = device.id
        self.header = b""
        self.fetched: list[str] = []

    def work(self) -> None:
        """Do everything that waits."""
        command = self.wire.next()
        while command is not None:
            if command.request_type == "InstallProfile":
                self._install(command)
            told = copy.deepcopy(HEALTHY.get(command.request_type, {}))
            if command.request_type == "DeviceInformation":
                told["QueryResponses"] |= {"OSVersion": "26.6.1", "BuildVersion": "23G83"}
            if command.request_type == "CertificateList":
                own = {"CommonName": "device identity", "IsIdentity": True, "Data": self.wire.der}
                told["CertificateList"].append(own)
            command = self.wire.next("Acknowledged", command, **told)

    def _install(self, command: Command) -> None:
        profile = parse_profile(command.params["Payload"])
        purpose = profile.identifier.rpartition(".")[2]
        if purpose not in ("access", "management"):
            return
        self.fetched.append(purpose)
        certificate, key = issue(self.practice.id, self.enrollment_id, purpose, self.device_id)
        if purpose == "access":
            pem = certificate.public_bytes(serialization.Encoding.PEM)
            self.header = quote(pem.decode()).encode()
        else:
            self.renewed = certificate, key

    def take_over(self) -> None:
        """From its next session on it speaks with the newest identity it has."""
        self.wire.certificate, self.wire.key = getattr(
            self, "renewed", (self.wire.certificate, self.wire.key)
        )


def is_let_past(door: Door, phone: Living, app_id: UUID) -> bool:
    """Whether the gate has nothing against the phone itself: it only asks who holds it."""
    answer = door.ask(phone)  # type: ignore[arg-type]
    return f"/open/{app_id}" in answer.headers.get("pocketward-location", "")


def dated_today() -> None:
    """The release feed is kept up to date by the operator."""
    posture.import_feed(data=redate(shipped_feed(), clock.now()))


def test_on_none_of_four_hundred_days_is_the_phone_refused(
    practice: PracticeRecord, clinician: Member, door: Door, ehr: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "_send", Service().send)
    upload(practice.id, days=2 * DAYS)
    policy.set_policy(practice_id=practice.id, text=SELDOM, reason="seldom", by="system:test")
    rules = language.write_rules(language.default_rules()).replace(b"129600", b"%d" % (300 * 3600))
    access.set_access_rules(practice_id=practice.id, rules=rules, reason="seldom", by="system:test")
    dated_today()
    phone = Living(practice, clinician)
    phone.work()
    run_due(1000)
    start = clock.now()
    closed: list[int] = []
    for day in range(DAYS + 1):
        with clock.frozen(start + timedelta(days=day, minutes=1)):
            if day % EVERY == 0:
                dated_today()
                run_due(1000)
                phone.work()
                phone.take_over()
            if not is_let_past(door, phone, ehr):
                closed.append(day)
    assert closed == []
    assert phone.fetched.count("access") >= 6
    assert phone.fetched.count("management") >= 1


def test_without_renewal_the_same_phone_would_be_refused(
    practice: PracticeRecord, clinician: Member, door: Door, ehr: UUID
) -> None:
    policy.set_policy(practice_id=practice.id, text=SELDOM, reason="seldom", by="system:test")
    phone = Living(practice, clinician)
    phone.work()
    first = x509.load_pem_x509_certificate(_pem(phone.header))
    with clock.frozen(first.not_valid_after_utc + timedelta(minutes=1)):
        assert not is_let_past(door, phone, ehr)


def _pem(header: bytes) -> bytes:
    return unquote(header.decode()).encode()
