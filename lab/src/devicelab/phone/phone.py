"""One simulated phone: it enrolls, listens for pushes, fetches commands and answers them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from devicelab.apns import PushService
from devicelab.phone.enrolling import EnrollmentFailed, get_identity, join, note_profile
from devicelab.phone.own_side import told_unasked
from devicelab.phone.replies import NEVER_NOT_NOW, NOT_NOW_WHEN_LOCKED, REPLIES, CommandFailed
from devicelab.phone.state import PhoneState
from devicelab.phone.trouble import in_plain_words, refused
from pocketward.protocols.apple_mdm import (
    CHECKIN_CONTENT_TYPE,
    CONNECT_CONTENT_TYPE,
    Authenticate,
    CheckIn,
    CheckOut,
    Command,
    CommandReport,
    ErrorItem,
    MessageError,
    PlistError,
    Problem,
    ReportStatus,
    TokenUpdate,
    checkin_plist,
    parse_command,
    parse_profile,
    read_plist,
    report_plist,
    validate_checkin,
    validate_reply,
)
from pocketward.protocols.cms import mdm_signature

MOST_COMMANDS_A_SESSION = 60


class Phone:
    """A phone that can be told to enroll, to sleep, to be lost, to fail."""

    def __init__(
        self,
        state: PhoneState,
        http: httpx.AsyncClient,
        push: PushService,
        keep: Callable[[Phone], None] = lambda phone: None,
    ) -> None:
        """A phone that is like `state`; `keep` is called before it tells what follows from a change."""
        self.state, self._http, self._push, self._keep = state, http, push, keep
        self._awake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._session = asyncio.Lock()
        self.last_error = ""
        self.answered: list[str] = []
        # A command was answered NotNow: an unlocked phone asks for it again by itself.
        self.put_off = False

    @property
    def name(self) -> str:
        """What people call it."""
        return self.state.spec.name

    async def enroll(self, url: str) -> None:
        """Enroll from the ticket's address and begin to listen; EnrollmentFailed says where it ended."""
        management = await join(self._http, self.state, url)
        self.state.management = management
        self.state.push_tokens.append(management.push_token)
        await self._say_who_it_is()

    async def _say_who_it_is(self) -> None:
        """Authenticate, listen, TokenUpdate; said anew where the lab ended before the token was taken."""
        spec, management = self.state.spec, self.state.management
        if management is None:
            return
        await self._check_in(
            Authenticate(
                udid=self.state.udid,
                enrollment_id=None,
                user_id=None,
                user_short_name=None,
                topic=management.topic,
                os_version=self.state.os_version,
                build_version=self.state.build,
                product_name=spec.model,
                serial_number=spec.serial,
            )
        )
        self.state.link_is_spent = True
        # A phone has its token from the push service before it tells us: the first push may come before our
        # answer to the message that carries the token does.
        self._push.register(management.push_token, self._wake)
        self._begin_to_listen()
        await self._token_update()
        management.is_told = True
        self._keep(self)

    def _begin_to_listen(self) -> None:
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._listen())

    def resume(self) -> None:
        """After the lab was off: the push service knows its token again, and what waited wakes it."""
        management = self.state.management
        if management is None:
            return
        if self.state.faults.offline:
            self._push.sleep(management.push_token)
        elif management.push_token not in self._push.dead:
            self._push.register(management.push_token, self._wake)
        self._begin_to_listen()

    async def go_on(self) -> None:
        """Tell what was not told when the lab ended, then ask once, as a phone does that is switched on."""
        management = self.state.management
        if management is None or self.state.faults.offline:
            return
        if not management.is_told:
            await self._say_who_it_is()
        await self.connect()

    async def _token_update(self) -> None:
        management = self.state.management
        if management is None:
            return
        await self._check_in(
            TokenUpdate(
                udid=self.state.udid,
                enrollment_id=None,
                user_id=None,
                user_short_name=None,
                topic=management.topic,
                token=management.push_token,
                push_magic=management.push_magic,
                unlock_token=b"unlock " + self.state.udid.encode(),
                awaiting_configuration=False,
            )
        )

    def _wake(self, magic: str) -> None:
        management = self.state.management
        if management is not None and magic == management.push_magic and not self.state.faults.offline:
            self._awake.set()

    async def _listen(self) -> None:
        while self.state.management is not None:
            await self._awake.wait()
            self._awake.clear()
            if self.state.faults.offline:
                continue
            try:
                await self.connect()
            except (httpx.HTTPError, EnrollmentFailed, PlistError, MessageError) as error:
                self.last_error = in_plain_words(error)

    @property
    def is_as_new(self) -> bool:
        """Whether it was erased and has not joined since."""
        return self.state.management is None and self.state.erased_times > 0

    def unlock(self) -> None:
        """Its holder unlocks it; what it put off, it asks for again."""
        self.state.locked, self.state.lock_message = False, ""
        if self.put_off and not self.state.faults.offline:
            self.put_off = False
            self._awake.set()

    def go_offline(self) -> None:
        """Switch the phone off: pushes wait."""
        self.state.faults.offline = True
        if self.state.management is not None:
            self._push.sleep(self.state.management.push_token)

    async def at_rest(self) -> None:
        """Wait until the session under way, if there is one, is over: its last answer has been taken."""
        async with self._session:
            return

    def go_online(self) -> None:
        """Switch it on again: a push that waited wakes it."""
        self.state.faults.offline = False
        if self.state.management is not None:
            self._push.register(self.state.management.push_token, self._wake)

    async def stop(self) -> None:
        """End the phone's task."""
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop

    async def _put(self, url: str, body: bytes, kind: str) -> httpx.Response:
        management = self.state.management
        if management is None:
            raise EnrollmentFailed("It is not enrolled. Make a link with Add a phone.")
        self._keep(self)
        signature = mdm_signature(body, management.identity.certificate, management.identity.key)
        headers = {"content-type": kind, "mdm-signature": signature}
        return await self._http.put(url, content=body, headers=headers)

    async def _check_in(self, message: CheckIn) -> None:
        management = self.state.management
        if management is None:
            return
        body = checkin_plist(message)
        self._note_schema(message.message_type, validate_checkin(read_plist(body), **self._situation()))
        answer = await self._put(management.check_in_url, body, CHECKIN_CONTENT_TYPE)
        if answer.status_code != 200:
            self.last_error = refused(message.message_type, answer.status_code)
            raise EnrollmentFailed(self.last_error)

    async def connect(self) -> int:
        """One session: Idle, then every command until there is none; how many were answered."""
        async with self._session:
            try:
                return await self._connect()
            finally:
                self._keep(self)

    async def _connect(self) -> int:
        report, done = self._report(ReportStatus.IDLE, None, {}), 0
        while self.state.management is not None and done < MOST_COMMANDS_A_SESSION:
            body = report_plist(report)
            answer = await self._put(self.state.management.server_url, body, CONNECT_CONTENT_TYPE)
            if self.state.faults.repeat_replies and report.command_uuid:
                await self._put(self.state.management.server_url, body, CONNECT_CONTENT_TYPE)
            if answer.status_code != 200 or not answer.content:
                status = answer.status_code
                self.last_error = "" if status == 200 else refused("its question", status)
                return done
            command = parse_command(answer.content)
            next_report = await self._obey(command)
            if next_report is None:
                return done
            report, done = next_report, done + 1
            is_erase = command.request_type == "EraseDevice" and report.status == ReportStatus.ACKNOWLEDGED
            if self.state.faults.lose_next_replies > 0:
                # What was told is done; the answer never arrives.
                self.state.faults.lose_next_replies -= 1
                if is_erase:
                    self._become_new()
                return done
            if is_erase:
                await self._finish_erase(report)
                return done
        return done

    def _report(
        self,
        status: ReportStatus,
        uuid: str | None,
        payload: dict[str, Any],
        error: CommandFailed | None = None,
    ) -> CommandReport:
        chain: tuple[ErrorItem, ...] = ()
        if error is not None:
            item = ErrorItem(
                code=error.code,
                domain="MCMDMErrorDomain",
                localized=error.sentence,
                us_english=error.sentence,
            )
            chain = (item,)
        return CommandReport(
            status=status,
            command_uuid=uuid,
            udid=self.state.udid,
            enrollment_id=None,
            user_id=None,
            user_short_name=None,
            error_chain=chain,
            payload=payload,
            raw=b"",
        )

    async def _obey(self, command: Command) -> CommandReport | None:
        faults, kind = self.state.faults, command.request_type
        if kind in faults.never_acknowledge:
            return None
        held_back = self.state.locked and self.state.passcode and faults.not_now_while_locked
        if held_back and kind in NOT_NOW_WHEN_LOCKED and kind not in NEVER_NOT_NOW:
            self.put_off = True
            return self._report(ReportStatus.NOT_NOW, command.command_uuid, {})
        try:
            if kind in faults.fail_with_error:
                raise CommandFailed(12021, "The lab made this command fail.")
            payload = await self._do(command)
        except CommandFailed as error:
            return self._report(ReportStatus.ERROR, command.command_uuid, {}, error)
        self._note_schema(kind, validate_reply(kind, payload, **self._situation()))
        self.answered.append(kind)
        return self._report(ReportStatus.ACKNOWLEDGED, command.command_uuid, payload)

    def _situation(self) -> dict[str, Any]:
        """What Apple's schemas are held against."""
        spec = self.state.spec
        return {
            "os_version": self.state.os_version,
            "supervised": spec.supervised,
            "enrollment_kind": "device",
        }

    def _note_schema(self, kind: str, problems: tuple[Problem, ...]) -> None:
        """What the product forgives a phone of tomorrow, a key that nobody describes, is a fault here."""
        self.state.schema_faults.extend(f"{kind}: {problem.code} {problem.path}" for problem in problems)

    async def _do(self, command: Command) -> dict[str, Any]:
        if command.request_type == "InstallProfile":
            return await self._install_profile(command.params)
        if command.request_type == "RemoveProfile":
            return self._remove_profile(str(command.params.get("Identifier", "")))
        reply = REPLIES.get(command.request_type)
        if reply is None:
            raise CommandFailed(12021, f"Unknown command {command.request_type}.")
        return told_unasked(self.state, command.request_type, reply(self.state, command.params))

    async def _install_profile(self, params: dict[str, Any]) -> dict[str, Any]:
        management = self.state.management
        profile = parse_profile(bytes(params.get("Payload", b"")))
        is_mdm = bool(profile.payloads_of("com.apple.mdm"))
        if management is None or (is_mdm and profile.identifier != management.profile_identifier):
            raise CommandFailed(4000, "The profile cannot be installed.")
        for payload in profile.payloads_of("com.apple.security.scep"):
            try:
                identity = await get_identity(self._http, payload)
            except EnrollmentFailed as error:
                raise CommandFailed(22013, str(error)) from error
            if is_mdm:
                # The phone's own management profile anew: it speaks with the new identity from now on.
                management.identity = identity
            else:
                management.access_identity = identity
        note_profile(management, profile)
        return {}

    def _remove_profile(self, identifier: str) -> dict[str, Any]:
        management = self.state.management
        if management is None or identifier not in management.profiles:
            raise CommandFailed(12017, "There is no such profile.")
        removed = management.profiles.pop(identifier)
        if identifier == management.profile_identifier:
            self._after_answer = asyncio.create_task(self._leave())
        elif any(item["PayloadType"] == "com.apple.security.scep" for item in removed["payloads"]):
            management.access_identity = None
        return {}

    async def _leave(self) -> None:
        """Management goes, and everything that came with it; the phone says so if it can."""
        await asyncio.sleep(0.2)
        management = self.state.management
        if management is None:
            return
        message = CheckOut(
            udid=self.state.udid,
            enrollment_id=None,
            user_id=None,
            user_short_name=None,
            topic=management.topic,
        )
        with contextlib.suppress(httpx.HTTPError, EnrollmentFailed):
            await self._check_in(message)
        self._push.unregister(management.push_token, dead=True)
        self.state.management = None
        self._keep(self)

    async def _finish_erase(self, report: CommandReport) -> None:
        """Send the acknowledgement, then be as new: keys, apps and push token are gone."""
        management = self.state.management
        if management is None:
            return
        if not self.state.faults.erase_but_come_back:
            self.state.erasing = datetime.now(UTC)
        try:
            await self._put(management.server_url, report_plist(report), CONNECT_CONTENT_TYPE)
        except httpx.HTTPError:
            self.state.erasing = None
            raise
        self._become_new()

    def _become_new(self) -> None:
        management = self.state.management
        if management is None or self.state.faults.erase_but_come_back:
            return
        self._push.unregister(management.push_token, dead=True)
        self.state.erased_times += 1
        self.state.erase()
