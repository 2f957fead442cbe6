"""The stand-in for Apple's push service, over real HTTP/2 with client certificates."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from devicelab.apns import PushService
from devicelab.certificates import PUSH, ROOT, make_push_files

TOKEN = b"\x07" * 32
BODY = {"mdm": "the magic"}
Send = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab's push authority; its topic is in `topic`."""
    made = tmp_path_factory.mktemp("push")
    (made / "topic").write_text(make_push_files(made), encoding="ascii")
    return made


def over_http2(folder: Path, talk: Callable[[PushService, Send], Awaitable[None]]) -> None:
    """Run the service, and give `talk` something that pushes to it."""

    async def run() -> None:
        service = PushService()
        port = await service.start(folder, 0)
        context = ssl.create_default_context(cafile=str(folder / ROOT))
        context.load_cert_chain(folder / PUSH)
        context.set_alpn_protocols(["h2"])
        topic = (folder / "topic").read_text(encoding="ascii")
        async with httpx.AsyncClient(http2=True, verify=context, timeout=5) as client:

            async def send(token: bytes = TOKEN, topic: str = topic) -> httpx.Response:
                headers = {"apns-topic": topic, "apns-push-type": "mdm", "apns-priority": "10"}
                address = f"https://localhost:{port}/3/device/{token.hex()}"
                return await client.post(address, headers=headers, content=json.dumps(BODY))

            await talk(service, send)
        await service.stop()

    asyncio.run(run())


def test_a_push_over_http2_wakes_the_phone_with_its_magic(folder: Path) -> None:
    woken: list[str] = []

    async def talk(service: PushService, send: Send) -> None:
        service.register(TOKEN, woken.append)
        answer = await send()
        assert answer.http_version == "HTTP/2"
        assert answer.status_code == 200
        assert service.log[-1]["result"] == "woke the phone"

    over_http2(folder, talk)
    assert woken == ["the magic"]


def test_a_token_that_ended_answers_410_with_the_time_it_ended(folder: Path) -> None:
    async def talk(service: PushService, send: Send) -> None:
        service.register(TOKEN, lambda magic: None)
        service.unregister(TOKEN, dead=True)
        answer = await send()
        assert answer.status_code == 410
        assert answer.json()["reason"] == "Unregistered"
        assert answer.json()["timestamp"] == int(service.dead[TOKEN].timestamp() * 1000)
        assert service.log[-1]["reason"] == "Unregistered"

    over_http2(folder, talk)


def test_a_service_that_is_asked_too_often_answers_429(folder: Path) -> None:
    async def talk(service: PushService, send: Send) -> None:
        service.register(TOKEN, lambda magic: None)
        service.refuse_with = (429, "TooManyRequests")
        refused = await send()
        assert (refused.status_code, refused.json()["reason"]) == (429, "TooManyRequests")
        service.refuse_with = None
        assert (await send()).status_code == 200

    over_http2(folder, talk)


def test_a_topic_that_the_certificate_does_not_name_is_refused_and_wakes_nobody(folder: Path) -> None:
    woken: list[str] = []

    async def talk(service: PushService, send: Send) -> None:
        service.register(TOKEN, woken.append)
        answer = await send(topic="com.apple.mgmt.External.somebody-else")
        assert (answer.status_code, answer.json()["reason"]) == (400, "TopicDisallowed")

    over_http2(folder, talk)
    assert woken == []


def test_an_invented_token_is_a_bad_token(folder: Path) -> None:
    async def talk(service: PushService, send: Send) -> None:
        answer = await send(token=b"\x09" * 32)
        assert (answer.status_code, answer.json()["reason"]) == (400, "BadDeviceToken")
        assert service.accepted == 0

    over_http2(folder, talk)


def test_a_phone_that_is_off_gets_one_push_when_it_is_back(folder: Path) -> None:
    woken: list[str] = []

    async def talk(service: PushService, send: Send) -> None:
        service.register(TOKEN, woken.append)
        service.sleep(TOKEN)
        assert (await send()).status_code == 200
        assert (await send()).status_code == 200
        assert service.log[-1]["result"] == "kept until the phone is back"
        assert woken == []
        service.register(TOKEN, woken.append)

    over_http2(folder, talk)
    assert woken == ["the magic"]


def test_the_lab_ends_quietly_while_a_sender_is_connected(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def talk(_: PushService, send: Send) -> None:
        assert (await send()).status_code == 400
        # As the loop does on Ctrl-C, when the sender keeps its connection open.
        tasks = [task for task in asyncio.all_tasks() if "PushService._serve" in repr(task)]
        assert len(tasks) == 1
        tasks[0].cancel()
        await asyncio.wait(tasks)
        await asyncio.sleep(0)

    over_http2(folder, talk)
    assert caplog.text == ""


def test_a_client_without_a_certificate_is_not_heard(folder: Path) -> None:
    async def run() -> None:
        service = PushService()
        port = await service.start(folder, 0)
        context = ssl.create_default_context(cafile=str(folder / ROOT))
        context.set_alpn_protocols(["h2"])
        async with httpx.AsyncClient(http2=True, verify=context, timeout=5) as client:
            with pytest.raises(httpx.TransportError):
                await client.post(f"https://localhost:{port}/3/device/{TOKEN.hex()}", json=BODY)
        await service.stop()
        assert not service.log

    asyncio.run(run())
