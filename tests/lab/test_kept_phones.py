"""A phone outlives the lab: on from its file it is the same phone to the same server."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from devicelab import whole_file
from devicelab.apns import PushService
from devicelab.lab import MAILS, Lab
from devicelab.mailbox import Mailbox
from devicelab.phone import phone as phones
from devicelab.phone.enrolling import LINK_IS_SPENT, LinkSpent
from devicelab.phone.kept import Drawer, Kept, Unreadable
from devicelab.phone.state import Management, PhoneState
from devicelab.phone.trouble import in_plain_words
from devicelab.world import PhoneSpec
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.protocols.apple_mdm import command_plist
from pocketward.protocols.cms import decode_mdm_signature, verify_detached
from tests.lab.test_joining_phone import MAGIC, TOKEN, TOPIC, management
from tests.lab.test_page import BEN, GOOD, ask, lab

__all__ = ("lab",)
NAME, URL = "Ben's iPhone", "https://localhost/enroll/ticket"


class Server:
    """Takes every message; notes which message of which certificate came, hands out what `commands` has."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bytes]] = []
        self.commands: list[bytes] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        signature = decode_mdm_signature(request.headers["mdm-signature"])
        signer = verify_detached(request.content, signature).der
        kind = "TokenUpdate" if b">TokenUpdate<" in request.content else request.url.path.strip("/")
        self.told.append((kind, signer))
        ready = request.url.path == "/connect" and self.commands
        return httpx.Response(200, content=self.commands.pop(0) if ready else b"")


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> Management:
    """What the phone is given when it joins, without a network."""
    made = management()
    made.profiles[made.profile_identifier] = {
        "identifier": made.profile_identifier, "uuid": "u", "name": "Clinic",
        "payloads": [{"PayloadType": "com.apple.mobiledevice.passwordpolicy", "minLength": 8, "x": b"\xff"}],
    }  # fmt: skip

    async def join(*_: object) -> Management:
        return made

    monkeypatch.setattr(phones, "join", join)
    return made


def live(folder: Path, server: Server, act: Callable[[phones.Phone, PushService], Any]) -> PhoneState:
    """One start of the lab with one phone, from its file or its box; `act` is awaited, then it ends."""
    drawer, push = Drawer(folder), PushService()
    kept = drawer.take(NAME) or Kept(PhoneState(PhoneSpec(name=NAME, serial="F2LX0001")))

    async def run() -> PhoneState:
        async with httpx.AsyncClient(transport=httpx.MockTransport(server)) as http:
            phone = phones.Phone(kept.state, http, push, lambda phone: drawer.put(phone, push))
            push.dead.update({bytes.fromhex(token): at for token, at in kept.ended.items()})
            phone.resume()
            await act(phone, push)
            await phone.stop()
            return phone.state

    return asyncio.run(run())


async def join_it(phone: phones.Phone, push: PushService) -> None:
    await phone.enroll(URL)


def pushed(push: PushService) -> int:
    """What the push service answers to a push to the phone."""
    headers = {"apns-topic": TOPIC, "apns-push-type": "mdm", "apns-priority": "10"}
    return push.take(TOPIC, f"/3/device/{TOKEN.hex()}", headers, json.dumps({"mdm": MAGIC}).encode())[0]


def test_a_phone_goes_on_with_its_own_identity_and_token_and_a_push_wakes_it(
    tmp_path: Path, joined: Management
) -> None:
    server = Server()
    before = live(tmp_path, server, join_it)
    assert [kind for kind, _ in server.told] == ["check-in", "TokenUpdate"]
    server.told.clear()

    async def be_woken(phone: phones.Phone, push: PushService) -> None:
        assert pushed(push) == 200
        async with asyncio.timeout(20):
            while not server.told:
                await asyncio.sleep(0.01)

    after = live(tmp_path, server, be_woken)
    assert server.told == [("connect", joined.identity.certificate)]
    assert after.management is not joined
    assert (after.udid, after.required_length) == (before.udid, 8)
    assert after.management is not None
    assert after.management.profiles == joined.profiles
    assert isinstance(after.management.identity.key, RSAPrivateKey)
    file = Drawer(tmp_path).file(NAME)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_phone_that_was_killed_before_its_token_was_taken_tells_it_when_it_is_back(
    tmp_path: Path, joined: Management
) -> None:
    def die(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("killed")

    async def begin(phone: phones.Phone, push: PushService) -> None:
        with pytest.raises(httpx.ReadError):
            await phone.enroll(URL)

    live(tmp_path, die, begin)  # type: ignore[arg-type]
    server = Server()

    async def go_on(phone: phones.Phone, push: PushService) -> None:
        await phone.go_on()

    live(tmp_path, server, go_on)
    assert [kind for kind, _ in server.told] == ["check-in", "TokenUpdate", "connect"]
    server.told.clear()
    live(tmp_path, server, go_on)
    assert [kind for kind, _ in server.told] == ["connect"]


@pytest.mark.parametrize("is_killed", [False, True])
def test_an_erased_phone_stays_erased_and_its_token_stays_gone(
    tmp_path: Path, joined: Management, is_killed: bool
) -> None:
    server = Server()
    live(tmp_path, server, join_it)
    server.commands = [command_plist("1", "EraseDevice", {})]

    async def be_erased(phone: phones.Phone, push: PushService) -> None:
        if is_killed:
            # The acknowledgement is out, and nothing of this phone happens after it.
            phone._become_new = lambda: None  # type: ignore[method-assign]
            phone._keep = keep_until_told(phone, server)
        await phone.connect()

    live(tmp_path, server, be_erased)
    told = len(server.told)

    async def look(phone: phones.Phone, push: PushService) -> None:
        await phone.go_on()
        assert pushed(push) == 410
        assert phone.is_as_new

    state = live(tmp_path, server, look)
    assert (state.erased_times, state.passcode, state.link_is_spent) == (1, False, True)
    assert len(server.told) == told


def keep_until_told(phone: phones.Phone, server: Server) -> Callable[[phones.Phone], None]:
    """Keeps the phone, but nothing after its second message: the lab was killed."""
    keep, so_far = phone._keep, len(server.told)
    return lambda phone: keep(phone) if len(server.told) < so_far + 2 else None


def test_a_push_that_waits_for_a_phone_that_is_off_waits_over_a_restart(lab: Lab) -> None:
    phone = lab.phones[BEN]
    assert phone.state.management is not None
    phone.state.management.identity = MADE.identity
    phone.state.push_tokens.append(b"\xab" * 32)
    lab.tokens["ab" * 32] = BEN
    assert ask(lab, "POST", f"/phones/{BEN}/go-offline", json={}, headers=GOOD).status_code == 200
    headers = {"apns-topic": "t", "apns-push-type": "mdm", "apns-priority": "10"}
    assert lab.push.take("t", f"/3/device/{'ab' * 32}", headers, b'{"mdm":"MAGIC"}')[0] == 200
    kept = lab.drawer.take(BEN)
    assert kept is not None
    assert (kept.waiting, kept.state.faults.offline) == ("MAGIC", True)


def test_a_damaged_file_is_told_on_its_phones_card_and_set_aside(lab: Lab) -> None:
    lab.keep(lab.phones[BEN])
    file = lab.drawer.file(BEN)
    file.write_bytes(file.read_bytes()[:-40])
    again = Lab(lab.world)
    phone = again.add_phone(PhoneSpec(name=BEN, serial="F2LX0001", enroll_url=URL))
    assert phone.last_error.startswith("What the lab kept of this phone could not be read; the file is now ")
    assert "Make a new link with Add a phone" in phone.last_error
    # Its link is spent: it is not tried again, which would hide the words above.
    assert phone.state.link_is_spent
    assert file.with_name(f"{file.name}.damaged").exists()
    kept = Lab(lab.world).drawer.take(BEN)
    assert kept is not None
    assert (kept.trouble, kept.state.link_is_spent) == (phone.last_error, True)


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=300), cut=st.integers(0, 4000))
def test_any_other_bytes_are_no_phone_and_nothing_worse(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, cut: int
) -> None:
    drawer, push = Drawer(tmp_path_factory.mktemp("drawer")), PushService()
    phone = phones.Phone(PhoneState(PhoneSpec(name=NAME, serial="1")), None, push)  # type: ignore[arg-type]
    phone.state.management = MADE
    drawer.put(phone, push)
    whole = drawer.file(NAME).read_bytes()
    for damaged in (content, whole[: cut % len(whole)]):
        drawer.file(NAME).write_bytes(damaged)
        with pytest.raises(Unreadable):
            drawer.take(NAME)


MADE = management()


def test_a_kill_at_any_step_of_a_write_leaves_the_older_phone_or_the_newer_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push = PushService()
    phone = phones.Phone(PhoneState(PhoneSpec(name=NAME, serial="1")), None, push)  # type: ignore[arg-type]
    phone.state.management = MADE
    Drawer(tmp_path).put(phone, push)

    class Killed(BaseException):
        """The process is gone."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    phone.state.battery = 0.5
    for place, name in ((whole_file.os, "open"), (whole_file.os, "fsync"), (whole_file.Path, "replace")):
        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(place, name, die)
            Drawer(tmp_path).put(phone, push)
        kept = Drawer(tmp_path).take(NAME)
        assert kept is not None
        assert kept.state.battery == 0.81
        assert Drawer(tmp_path).names() == [NAME]
    Drawer(tmp_path).put(phone, push)
    again = Drawer(tmp_path).take(NAME)
    assert again is not None
    assert again.state.battery == 0.5


def test_mails_are_there_after_a_restart_and_numbers_go_on(tmp_path: Path) -> None:
    file = tmp_path / MAILS
    file.write_text('[{"number": 7, "at": "x", "to": ["a@example.org"], "subject": "s", "text": "t"}]')
    box = Mailbox(file)
    assert [mail["subject"] for mail in box.mails] == ["s"]
    assert next(box._numbers) == 8
    file.write_text("[{")
    assert not Mailbox(file).mails
    assert not file.exists()


def test_what_went_wrong_is_a_sentence_with_the_next_step() -> None:
    for error in (LinkSpent(LINK_IS_SPENT), httpx.ConnectError("refused"), ValueError("x")):
        said = in_plain_words(error)
        assert "EnrollmentFailed" not in said
        assert "ConnectError" not in said
    assert "Make a new one with Add a phone" in in_plain_words(LinkSpent(LINK_IS_SPENT))


def test_a_link_that_is_spent_is_told_on_the_card_and_not_tried_at_the_next_start(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.phones[BEN].state.management = None
    phone = lab.add_phone(PhoneSpec(name="Old iPhone", serial="F2LX0009", enroll_url=URL))
    tried = []

    async def enroll(url: str) -> None:
        tried.append(url)
        raise LinkSpent(LINK_IS_SPENT)

    monkeypatch.setattr(phone, "enroll", enroll)
    asyncio.run(lab._begin())
    asyncio.run(lab._begin())
    assert tried == [URL]
    assert phone.last_error == LINK_IS_SPENT
    kept = lab.drawer.take("Old iPhone")
    assert kept is not None
    assert (kept.trouble, kept.state.link_is_spent) == (LINK_IS_SPENT, True)
