"""What simulated phones say is what Apple's schemas know, to every command; and what is not is noticed."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from devicelab.apns import PushService
from devicelab.phone import phone as phones
from devicelab.phone.replies import REPLIES
from devicelab.phone.state import PhoneState
from devicelab.world import PhoneSpec

from pocketward.fleet.apple.catalogue import apple_commands
from pocketward.protocols.apple_mdm import (
    build_profile,
    command_plist,
    device_information_queries,
    parse_report,
)
from pocketward.protocols.apple_mdm.reports import CommandReport
from tests.lab.test_joining_phone import management

QUERIES = device_information_queries("device", True, access_rights=8191, os_version="26.6")
OLD, APP = "com.example.old", "org.example.harbor-records"
# In this order each finds the phone as it needs it: lost mode before the place, the app before its removal.
ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("DeviceInformation", {"Queries": list(QUERIES)}),
    ("SecurityInfo", {}),
    ("InstallApplication", {"Identifier": APP, "ManagementFlags": 1}),
    ("ManagedApplicationList", {}),
    ("ManagedApplicationList", {}),
    ("InstalledApplicationList", {"ManagedAppsOnly": False}),
    ("InstallProfile", {}),
    ("ProfileList", {}),
    ("RemoveProfile", {"Identifier": OLD}),
    ("CertificateList", {}),
    ("DeviceLock", {"Message": "Please return"}),
    ("RestartDevice", {}),
    ("EnableLostMode", {"Message": "Please return"}),
    ("DeviceLocation", {}),
    ("PlayLostModeSound", {}),
    ("DisableLostMode", {}),
    ("ClearPasscode", {"UnlockToken": b"unlock"}),
    ("RemoveApplication", {"Identifier": APP}),
    ("EraseDevice", {}),
)


def profile() -> bytes:
    """A profile with nothing in it."""
    return build_profile(
        identifier=OLD, uuid=UUID(int=1), display_name="Old", organization="Harbor", payloads=[]
    )


class Server:
    """Hands out the commands in their order and keeps the answers."""

    def __init__(self) -> None:
        self.waiting, self.answers = list(ASKED), list[CommandReport]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/connect":
            return httpx.Response(200)
        report = parse_report(request.content)
        if report.command_uuid is not None:
            self.answers.append(report)
        if not self.waiting:
            return httpx.Response(200)
        kind, params = self.waiting.pop(0)
        given = {"Payload": profile()} if kind == "InstallProfile" else params
        return httpx.Response(200, content=command_plist(f"{len(self.answers)}", kind, given))


def worked_through(monkeypatch: pytest.MonkeyPatch) -> tuple[PhoneState, Server]:
    """A supervised phone that joined and answered every command."""
    server = Server()

    async def join(*_: object) -> Any:
        return management()

    async def live() -> PhoneState:
        async with httpx.AsyncClient(transport=httpx.MockTransport(server)) as http:
            spec = PhoneSpec(name="New iPhone", serial="F2LX0001", supervised=True)
            phone = phones.Phone(PhoneState(spec), http, PushService())
            phone.state.faults.not_now_while_locked = False
            await phone.enroll("https://localhost/enroll/ticket")
            await phone.connect()
            await phone.stop()
            return phone.state

    monkeypatch.setattr(phones, "join", join)
    return asyncio.run(live()), server


def test_every_command_is_answered_with_nothing_that_apples_schema_lacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state, server = worked_through(monkeypatch)
    assert {kind for kind, _ in ASKED} == set(apple_commands())
    assert [(report.status, report.error_chain) for report in server.answers] == [("Acknowledged", ())] * 19
    assert (state.erased_times, state.passcode) == (1, False)
    assert state.schema_faults == []


def test_a_key_that_the_schema_lacks_is_noticed_at_any_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    known = REPLIES["SecurityInfo"]

    def invents(state: PhoneState, params: dict[str, Any]) -> dict[str, Any]:
        answer = known(state, params)
        return {"SecurityInfo": answer["SecurityInfo"] | {"MoodRing": "blue"}, "Surprise": 1}

    monkeypatch.setitem(REPLIES, "SecurityInfo", invents)
    state, _ = worked_through(monkeypatch)
    assert state.schema_faults == [
        "SecurityInfo: unknown_key SecurityInfo.MoodRing",
        "SecurityInfo: unknown_key Surprise",
    ]
