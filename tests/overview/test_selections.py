"""An act on many touches the list that was frozen, once, for whoever froze it, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pocketward.fleet import api as fleet_api
from pocketward.kernel import clock
from pocketward.kernel.ids import uuid7
from pocketward.overview import api as overview_api
from pocketward.overview.api import ListGone, ListTooLong, PhoneQuestion
from pocketward.overview.models import FrozenList
from pocketward.practice.api import Member, PracticeRecord
from tests.factories.many_phones import many_phones


@pytest.fixture
def phones(practice: PracticeRecord) -> PracticeRecord:
    """Six phones on the list."""
    many_phones(practice.id, 6)
    overview_api.rebuild(practice_id=practice.id)
    return practice


def frozen(phones: PracticeRecord, by: Member) -> str:
    ids = [device.id for device in fleet_api.devices(practice_id=phones.id)]
    token, kept = overview_api.freeze(practice_id=phones.id, member_id=by.id, device_ids=ids[:2])
    assert set(kept) == set(ids[:2])
    return token


def test_a_frozen_list_is_spent_once(phones: PracticeRecord, owner: Member) -> None:
    token = frozen(phones, owner)
    kept = overview_api.spend_frozen(practice_id=phones.id, member_id=owner.id, token=token)
    assert len(kept) == 2
    with pytest.raises(ListGone):
        overview_api.spend_frozen(practice_id=phones.id, member_id=owner.id, token=token)


def test_somebody_else_cannot_spend_it_nor_can_anybody_after_a_quarter_of_an_hour(
    phones: PracticeRecord, owner: Member, clinician: Member
) -> None:
    token = frozen(phones, owner)
    with pytest.raises(ListGone):
        overview_api.spend_frozen(practice_id=phones.id, member_id=clinician.id, token=token)
    with clock.frozen(clock.now() + timedelta(minutes=16)), pytest.raises(ListGone):
        overview_api.spend_frozen(practice_id=phones.id, member_id=owner.id, token=token)
    with clock.frozen(clock.now() + timedelta(minutes=17)):
        frozen(phones, owner)
        assert FrozenList.objects.count() == 1, "what is too old is thrown away"


def test_the_token_itself_is_kept_nowhere(phones: PracticeRecord, owner: Member) -> None:
    token = frozen(phones, owner)
    assert token not in str(FrozenList.objects.values().get())


def test_what_is_not_on_the_list_is_not_frozen(phones: PracticeRecord, owner: Member) -> None:
    strange = uuid7()
    _, kept = overview_api.freeze(practice_id=phones.id, member_id=owner.id, device_ids=[strange])
    assert kept == ()


def test_more_phones_than_one_act_takes_are_refused(practice: PracticeRecord, owner: Member) -> None:
    many_phones(practice.id, overview_api.MOST + 1)
    overview_api.rebuild(practice_id=practice.id)
    ids = overview_api.phone_ids(
        practice_id=practice.id, question=PhoneQuestion(), now=clock.now(), limit=overview_api.MOST + 1
    )
    with pytest.raises(ListTooLong):
        overview_api.freeze(practice_id=practice.id, member_id=owner.id, device_ids=ids)
