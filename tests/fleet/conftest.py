"""An enrolled practice-owned iPhone, without the wire."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from django.conf import settings as django_settings

from pocketward.fleet import api as fleet
from pocketward.fleet import joining
from pocketward.practice.records import Member, PracticeRecord
from tests.factories.officers import signed_in_officer


class Joined:
    """What a test needs to know of an enrolled device."""

    def __init__(self, device_id: UUID, enrollment_id: UUID) -> None:
        self.device_id = device_id
        self.enrollment_id = enrollment_id


class Joiner:
    """Enrolls devices through the fleet's own verbs."""

    def __init__(self, practice: PracticeRecord, member: Member) -> None:
        self.practice, self.member = practice, member

    def enroll(self, *, serial: str = "SER1", ownership: str = "practice", key: str = "a") -> Joined:
        """A device with this serial and an identity made of `key`."""
        ticket = fleet.create_enrollment_ticket(
            practice_id=self.practice.id,
            member_id=self.member.id,
            ownership=ownership,
            kind="iphone",
            label=f"Phone {serial}",
            by="system:test",
        )
        enrollment = joining.authenticate(
            enrollment_id=ticket.enrollment_id,
            fingerprint=key * 64,
            udid=f"UDID-{serial}",
            serial=serial,
            product_name="iPhone15,4",
            topic="com.apple.mgmt.External.test",
        )
        joining.update_token(
            enrollment_id=ticket.enrollment_id,
            token=b"\x01" * 32,
            push_magic="magic",
            unlock_token=b"unlock",
            topic="com.apple.mgmt.External.test",
        )
        assert enrollment.device_id is not None
        return Joined(enrollment.device_id, enrollment.id)


@pytest.fixture(autouse=True)
def mail_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A practice of one needs its second channel."""
    mail = replace(django_settings.POCKETWARD.mail, host="mail.example.org")
    monkeypatch.setattr(django_settings, "POCKETWARD", replace(django_settings.POCKETWARD, mail=mail))


@pytest.fixture
def second(practice: PracticeRecord) -> Member:
    """A second officer, appointed before the first phone was enrolled."""
    return signed_in_officer(practice.id, "Grace Placeholder", "grace@example.org")


@pytest.fixture
def joiner(practice: PracticeRecord, owner: Member, clinician: Member) -> Joiner:
    """The owner is there before the first phone, as in every practice."""
    return Joiner(practice, clinician)


@pytest.fixture
def phone(joiner: Joiner) -> Joined:
    return joiner.enroll()
