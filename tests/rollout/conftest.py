"""A practice with phones that open records, and two officers."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.core import mail

from pocketward.access import api as access
from pocketward.fleet import state
from pocketward.kernel import clock
from pocketward.practice.api import Member, PracticeRecord
from tests.access.clinic import HEALTHY, Phone, register_ehr
from tests.factories.officers import signed_in_officer


@pytest.fixture
def second(practice: PracticeRecord) -> Member:
    """A second officer, appointed before the first phone joined."""
    return signed_in_officer(practice.id, "Grace Placeholder", "grace@example.org")


@pytest.fixture
def ehr(practice: PracticeRecord, owner: Member) -> UUID:
    """The clinic's record system."""
    access.prepare_practice(practice_id=practice.id, by="system:test")
    return register_ehr(practice)


@pytest.fixture
def four(practice: PracticeRecord, clinician: Member, ehr: UUID) -> list[Phone]:
    """Four open iPhones of the clinician's."""
    phones = [Phone(practice, clinician, serial=f"SER{number}") for number in range(1, 5)]
    for phone in phones:
        facts = state.facts_from(HEALTHY, source="SecurityInfo", at=clock.now())
        state.save_state(enrollment_id=phone.enrollment_id, facts=facts, message_digest="00" * 32)
    return phones


@pytest.fixture
def mail_is_set(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Mail goes out, into this list."""
    ours = django_settings.POCKETWARD
    monkeypatch.setattr(
        django_settings, "POCKETWARD", replace(ours, mail=replace(ours.mail, host="mail.example.org"))
    )
    return mail.outbox
