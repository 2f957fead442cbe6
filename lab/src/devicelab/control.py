"""The lab's JSON control door, for journeys: loopback only, behind a token."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from devicelab.lab import Lab
from devicelab.phone.enrolling import EnrollmentFailed
from devicelab.phone.replies import delete_app
from devicelab.snapshot import describe
from devicelab.world import PhoneSpec

Message = MutableMapping[str, Any]


class ControlRefused(Exception):
    """The request cannot be done; the text says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def control_app(
    lab: Lab, token: str
) -> Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]:
    """The ASGI callable. Header `lab-token` must match."""

    async def app(
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        given = dict(scope["headers"]).get(b"lab-token", b"")
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        try:
            if not hmac.compare_digest(given, token.encode()):
                raise ControlRefused(403, "the lab token is missing")
            answer = await respond(
                lab, scope["method"], scope["path"], msgspec.json.decode(body) if body else {}
            )
            status = 200
        except ControlRefused as error:
            status, answer = error.status, {"error": error.sentence}
        except (msgspec.MsgspecError, EnrollmentFailed, KeyError, TypeError, ValueError) as error:
            status, answer = 400, {"error": f"{type(error).__name__}: {error}"}
        content = msgspec.json.encode(answer)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return app


async def respond(lab: Lab, method: str, path: str, given: dict[str, Any]) -> Any:
    """Do what the path says: `/phones`, `/phones/<name>`, `/phones/<name>/<action>`, `/wire`, `/push`."""
    parts = [part for part in path.split("/") if part]
    if parts == ["phones"] and method == "POST":
        phone = lab.add_phone(msgspec.convert(given, PhoneSpec))
        return describe(lab, phone.name)
    if parts == ["phones"]:
        return [describe(lab, name) for name in lab.phones]
    if parts == ["wire"]:
        return lab.wire.list()
    if parts == ["mail"]:
        return list(lab.mailbox.mails)
    if parts == ["push"]:
        lab.push.drop = bool(given.get("drop", lab.push.drop))
        if "refuse_with" in given:
            lab.push.refuse_with = tuple(given["refuse_with"]) or None
        return {"accepted": lab.push.accepted, "drop": lab.push.drop, "log": list(lab.push.log)}
    if len(parts) >= 2 and parts[0] == "phones" and parts[1] in lab.phones:
        if parts[2:] == ["open"]:
            port = int(given.get("port", 0))
            return await lab.open_records(parts[1], str(given["path"]), str(given.get("cookie", "")), port)
        if parts[2:] == ["cookies"]:
            return lab.phones[parts[1]].state.safari.cookies()
        if parts[2:] == ["browse"]:
            return await lab.browse(parts[1], **given)
        if parts[2:] == ["identity"]:
            return {"pem": lab.copied_identity(parts[1])}
        if len(parts) == 3 and method == "POST":
            try:
                await act(lab, parts[1], parts[2], given)
            finally:
                lab.keep(lab.phones[parts[1]])
        return describe(lab, parts[1])
    raise ControlRefused(404, "there is no such thing in this lab")


async def act(lab: Lab, name: str, action: str, given: dict[str, Any]) -> None:
    """Do something to a phone, as its holder or as bad luck would."""
    phone = lab.phones[name]
    state = phone.state
    if action == "enroll":
        await phone.enroll(str(given["url"]))
    elif action == "connect":
        await asyncio.wait_for(phone.connect(), 30)
    elif action == "offline":
        phone.go_offline()
    elif action == "online":
        phone.go_online()
    elif action == "fault":
        for fault, value in given.items():
            if not hasattr(state.faults, fault):
                raise ControlRefused(400, f"there is no fault called {fault}")
            setattr(state.faults, fault, tuple(value) if isinstance(value, list) else value)
    elif action == "set":
        for field, value in given.items():
            if field == "encrypted":
                state.spec.encrypted = bool(value)
            elif field == "app_versions" and state.management is not None:
                state.management.app_versions.update(value)
            elif field in ("passcode", "passcode_length", "locked", "os_version", "build", "battery"):
                setattr(state, field, value)
            else:
                raise ControlRefused(400, f"{field} cannot be set")
    elif action == "delete_app":
        delete_app(state, str(given["app"]))
    elif action == "forget_token":
        with contextlib.suppress(AttributeError):
            lab.push.unregister(state.management.push_token, dead=True)  # type: ignore[union-attr]
    else:
        raise ControlRefused(404, f"a phone cannot {action}")
