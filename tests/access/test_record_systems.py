"""Record systems are changed and taken away without ever opening anything; permits need reason and end."""

from __future__ import annotations

from contextvars import Context
from datetime import timedelta
from uuid import UUID

import pytest

from pocketward.access import api as access
from pocketward.access.errors import AppRefused, NoSuchApp, PermitRefused
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import event_bodies, practice_scope
from tests.access.clinic import HOST, Door, Phone, sign_in

BY = "system:test"
STANDING = {
    "name": "Harbor EHR", "door": "proxied", "hosts": (HOST,), "paths": (("/notes", "notes"),), "url": "",
    "session_hours": 12,
}  # fmt: skip


def change(app_id: UUID, **parts: object) -> tuple[str, ...]:
    return access.change_app(app_id=app_id, by=BY, **{**STANDING, **parts})  # type: ignore[arg-type]


def test_a_record_system_that_is_taken_away_is_refused_and_its_sessions_end(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 204
    access.remove_app(app_id=ehr, by=BY)
    assert door.ask(phone, token).status == 403
    assert access.gate_sessions(practice_id=practice.id) == ()
    assert access.apps(practice_id=practice.id) == ()
    told = [body["kind"] for body in event_bodies(practice_id=practice.id)]
    assert told[-2:] == ["access.gate_session_ended", "access.app_removed"]
    assert access.get_app(app_id=ehr).is_removed
    with pytest.raises(NoSuchApp):
        access.set_app_mode(app_id=ehr, mode="watch", by=BY)


def test_a_door_that_is_no_longer_ours_is_closed_at_the_gate(
    clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    token = sign_in(clinician, ehr, phone)
    change(ehr, door="account", hosts=())
    assert door.ask(phone, token).status == 403
    access.set_app_mode(app_id=ehr, mode="watch", by=BY)
    assert door.ask(phone, token).status == 403


def test_a_change_of_addresses_counts_from_the_next_request(
    clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    token = sign_in(clinician, ehr, phone)
    assert change(ehr, paths=(("/charts", "notes"),)) == ("paths",)
    assert door.ask(phone, token).status == 403
    assert change(ehr, paths=(("/charts", "notes"),)) == ()


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"name": " "}, "name"),
        ({"door": "magic"}, "door"),
        ({"hosts": ()}, "hosts"),
        ({"hosts": ("no host",)}, "hosts"),
        ({"hosts": ("localhost.",)}, "hosts"),
        ({"paths": (("notes", "notes"),)}, "paths"),
        ({"paths": (("/notes", "pictures"),)}, "paths"),
        ({"paths": (("/notes", "notes"), ("/notes", "billing"))}, "paths"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://elsewhere.example.org/"}, "url"),
        ({"session_hours": 0}, "session_hours"),
    ],
)
def test_what_cannot_be_is_refused_by_name(ehr: UUID, parts: dict[str, object], field: str) -> None:
    with pytest.raises(AppRefused) as refused:
        change(ehr, **parts)
    assert refused.value.field == field


def test_a_host_name_has_one_owner_on_the_whole_server(practice: PracticeRecord, ehr: UUID) -> None:
    def claim() -> None:
        other = practice_api.create_practice(name="Lakeview Counseling", by=BY)
        with practice_scope(other.id):
            access.register_app(practice_id=other.id, name="Ours", door="proxied", hosts=(HOST,), by=BY)

    with pytest.raises(AppRefused, match="taken on this server"):
        Context().run(claim)
    access.remove_app(app_id=ehr, by=BY)
    Context().run(claim)


def test_a_watched_system_never_says_that_records_are_closed(practice: PracticeRecord, ehr: UUID) -> None:
    access.set_app_mode(app_id=ehr, mode="watch", by=BY)
    (app,) = access.apps(practice_id=practice.id)
    assert not app.closes
    assert "only watched" in access.door_sentence(app, at="2 pm")


def give(ehr: UUID, **parts: object) -> UUID:
    whole = {
        "network": "clinic-wifi", "reason": "front desk computer",
        "expires_at": clock.now() + timedelta(days=30),
    } | parts  # fmt: skip
    return access.give_permit(app_id=ehr, by=BY, **whole)  # type: ignore[arg-type]


def test_a_permit_needs_a_named_network_a_reason_and_an_end_that_is_to_come(
    practice: PracticeRecord, ehr: UUID
) -> None:
    with pytest.raises(PermitRefused, match="Name the network"):
        give(ehr)
    access.name_network(practice_id=practice.id, zone="clinic-wifi", cidrs=("192.0.2.0/28",), by=BY)
    with pytest.raises(PermitRefused, match="why"):
        give(ehr, reason="  ")
    with pytest.raises(PermitRefused, match="last day"):
        give(ehr, expires_at=clock.now())
    give(ehr)
    with pytest.raises(PermitRefused, match="already"):
        give(ehr)


def test_forgetting_a_network_ends_its_permits_for_good(
    practice: PracticeRecord, clinician: Member, ehr: UUID, door: Door
) -> None:
    named = {"practice_id": practice.id, "zone": "clinic-wifi", "by": BY}
    access.name_network(**named, cidrs=("192.0.2.0/28",))
    give(ehr)
    token = sign_in(clinician, ehr, None)
    assert door.ask(None, token).status == 204
    access.name_network(**named, cidrs=())
    access.name_network(**named, cidrs=("192.0.2.0/28",))
    assert door.ask(None, token).status == 403
    assert access.permits(practice_id=practice.id) == ()
    (ended,) = access.permits(practice_id=practice.id, with_ended=True)
    assert ended.ended_at is not None
