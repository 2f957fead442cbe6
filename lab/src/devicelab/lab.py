"""The lab: its push service, its phones, what went over the wire."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from devicelab.apns import PushService
from devicelab.ehr import RecordSystem
from devicelab.mailbox import Mailbox
from devicelab.phone.enrolling import EnrollmentFailed, LinkSpent
from devicelab.phone.kept import Drawer, Kept, Unreadable
from devicelab.phone.phone import Phone
from devicelab.phone.state import Identity, PhoneState
from devicelab.phone.trouble import in_plain_words
from devicelab.staff import Seen, Staff
from devicelab.wire import WireLog
from devicelab.world import PhoneSpec, World
from pocketward.kernel import clock
from pocketward.protocols import scep
from pocketward.protocols.apple_mdm import MessageError, PlistError, ProfileError

PHONES, MAILS = "phones", "mails.json"
# What the server or the way to it can do to a phone that speaks by itself.
TROUBLE = (
    httpx.HTTPError, EnrollmentFailed, ProfileError, PlistError, MessageError, scep.ScepError, ValueError,
)  # fmt: skip


def own_address(number: int) -> str | None:
    """A loopback address for one phone, as if it were on mobile data: 127.0.1.1, 127.0.1.2 and so on.

    None where the machine has only 127.0.0.1: then phones and people are on one network.
    """
    address = f"127.0.{1 + number // 250}.{1 + number % 250}"
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return None
    return address


def _pem(identity: Identity) -> bytes:
    """A certificate and its key, as PEM."""
    certificate = x509.load_der_x509_certificate(identity.certificate)
    key = identity.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key


def _load_identity(context: ssl.SSLContext, identity: Identity, path: Path) -> None:
    """Give a TLS context the phone's access identity; Python reads it from a file only."""
    path.touch(mode=0o600)
    path.write_bytes(_pem(identity))
    context.load_cert_chain(path)
    path.unlink()


class Lab:
    """Phones and the push service that wakes them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.push = PushService(on_waiting=self._keep_owner_of)
        self.mailbox = Mailbox(Path(world.folder) / MAILS)
        self.drawer = Drawer(Path(world.folder) / PHONES)
        self.records = RecordSystem(
            gate_url=world.gate_url,
            people_url=world.people_url,
            proxy_secret=Path(world.proxy_secret_file).read_text(encoding="ascii").strip(),
            trust_file=world.trust_file,
        )
        self.phones: dict[str, Phone] = {}
        self.wire = WireLog()
        self.staff = Staff(world, self.open_records)
        # What each phone's records app showed last.
        self.seen: dict[str, Seen] = {}
        # Whose phone a push token was, also after the phone has forgotten it.
        self.tokens: dict[str, str] = {}
        self._context = ssl.create_default_context(cafile=world.trust_file)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take up the phones of an earlier run, start the push service, enroll who has not joined yet."""
        clock.set_offset_file(Path(self.world.clock_offset_file))
        folder = Path(self.world.folder)
        for spec in self.world.phones:
            self.add_phone(spec)
        for name in set(self.drawer.names()) - self.phones.keys():
            # Added while the lab ran.
            self.add_phone(PhoneSpec(name=name, serial=""))
        await self.push.start(folder, self.world.apns_port)
        self.mailbox.start(self.world.smtp_port)
        await self.records.start(folder, self.world.ehr_http_port, self.world.ehr_https_port)
        self._spawn(self._begin())

    def add_phone(self, spec: PhoneSpec) -> Phone:
        """The phone that was kept under this name, or a new one out of its box."""

        async def keep(response: httpx.Response) -> None:
            await response.aread()
            self.wire.take(spec.name, response)
            management = self.phones[spec.name].state.management
            if management is not None:
                self.tokens[management.push_token.hex()] = spec.name

        transport = httpx.AsyncHTTPTransport(
            verify=self._context, local_address=own_address(len(self.phones))
        )
        http = httpx.AsyncClient(transport=transport, timeout=20, event_hooks={"response": [keep]})
        kept = self._kept(spec)
        phone = Phone(kept.state, http, self.push, self.keep)
        phone.answered, phone.put_off, phone.last_error = list(kept.told), kept.put_off, kept.trouble
        self.phones[spec.name] = phone
        self._tell_push_service(phone, kept)
        self.keep(phone)
        return phone

    def _kept(self, spec: PhoneSpec) -> Kept:
        """The phone as it was; where that cannot be read, one out of its box that says so on its card."""
        try:
            return self.drawer.take(spec.name) or Kept(PhoneState(spec))
        except Unreadable as error:
            return Kept(
                # Its link is spent: that it was refused would hide what is said here.
                PhoneState(spec, link_is_spent=True, fell_silent=True),
                trouble="What the lab kept of this phone could not be read; the file is now "
                f"{error.aside.name}. Make a new link with Add a phone, paste it here under More and press "
                "Enroll.",
            )

    def _tell_push_service(self, phone: Phone, kept: Kept) -> None:
        self.push.dead.update({bytes.fromhex(token): at for token, at in kept.ended.items()})
        self.tokens.update({token.hex(): phone.name for token in phone.state.push_tokens})
        management = phone.state.management
        if management is not None and kept.waiting:
            self.push.waiting[management.push_token] = kept.waiting

    def keep(self, phone: Phone) -> None:
        """Have the phone on disk as it is now."""
        self.drawer.put(phone, self.push)

    def _keep_owner_of(self, token: bytes) -> None:
        name = self.tokens.get(token.hex())
        if name is not None:
            self.keep(self.phones[name])

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _begin(self) -> None:
        """Phones that had joined go on; the others join, those that will be silent first."""
        joined = [phone for phone in self.phones.values() if phone.state.management is not None]
        for phone in joined:
            phone.resume()
        await self._live_the_past()
        for phone in self.phones.values():
            if phone in joined:
                await self._patiently(phone, phone.go_on)
            elif phone.state.spec.enroll_url and not phone.state.link_is_spent:
                await self._enroll_patiently(phone)

    async def _live_the_past(self) -> None:
        """Some phones join two days ago and fall silent; then, once, the clock comes to today."""
        silent = [
            phone
            for phone in self.phones.values()
            if phone.state.spec.silent_after and phone.state.spec.enroll_url and not phone.state.fell_silent
        ]
        for phone in silent:
            if phone.state.management is not None:
                await self._patiently(phone, phone.go_on)
            elif not phone.state.link_is_spent:
                await self._enroll_patiently(phone)
            await self._fall_silent(phone)
        if silent:
            clock.write_offset(Path(self.world.clock_offset_file), 0)
        for phone in silent:
            phone.state.fell_silent = True
            self.keep(phone)

    async def _enroll_patiently(self, phone: Phone) -> None:
        await self._patiently(phone, lambda: phone.enroll(phone.state.spec.enroll_url))

    async def _patiently(self, phone: Phone, act: Callable[[], Awaitable[None]]) -> None:
        """The product may still be starting: try for a minute."""
        for _ in range(120):
            try:
                phone.last_error = ""
                await act()
                break
            except httpx.TransportError as error:
                phone.last_error = in_plain_words(error)
                await asyncio.sleep(0.5)
            except TROUBLE as error:
                phone.last_error = in_plain_words(error)
                phone.state.link_is_spent |= isinstance(error, LinkSpent)
                self.keep(phone)
                return

    async def _fall_silent(self, phone: Phone) -> None:
        """Once it has told everything it speaks no more: nothing of it is heard on the clock of today."""
        for _ in range(100):
            await asyncio.sleep(0.2)
            if "CertificateList" in phone.answered:
                phone.go_offline()
                await phone.at_rest()
                self.keep(phone)
                return

    async def open_records(self, name: str, path: str, cookie: str, port: int = 0) -> dict[str, Any]:
        """The phone opens a page of the record system with its access certificate, if it has one.

        `cookie` is the session a person has in the phone's browser; `port` that of another proxy before the
        records than the lab's own. Answers what the browser would see.
        """
        context = self._shows_identity(self.phones[name])
        headers = {"host": self.world.ehr_host, **({"cookie": cookie} if cookie else {})}
        url = f"https://localhost:{port or self.world.ehr_https_port}{path}"
        known_as = {"sni_hostname": self.world.ehr_host}
        async with httpx.AsyncClient(verify=context, timeout=20) as browser:
            answer = await browser.get(url, headers=headers, extensions=known_as)
        return {
            "status": answer.status_code,
            "location": answer.headers.get("location", ""),
            "cookie": answer.headers.get("set-cookie", "").partition(";")[0],
            "text": answer.text[:4000],
        }

    async def browse(
        self, name: str, method: str, url: str, body: str = "", headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """One request of the phone's own browser, to a page of the practice or of the record system.

        Only the browser's own cookies go with it, and what the answer sets or takes away is kept there. No
        redirect is followed. Answers {status, headers, text}.
        """
        parts, phone = urlsplit(url), self.phones[name]
        is_records = parts.hostname == self.world.ehr_host
        if not is_records and f"{parts.scheme}://{parts.netloc}" != self.world.people_url:
            raise ValueError("the lab's browser knows two addresses only")
        place = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        origin = f"https://localhost:{self.world.ehr_https_port}" if is_records else self.world.people_url
        sent = {**(headers or {}), "host": self.world.ehr_host if is_records else parts.netloc}
        if cookies := phone.state.safari.cookie_header(str(parts.hostname)):
            sent["cookie"] = cookies
        extensions = {"sni_hostname": self.world.ehr_host} if is_records else {}
        async with httpx.AsyncClient(verify=self._shows_identity(phone), timeout=20) as browser:
            answer = await browser.request(
                method, f"{origin}{place}", headers=sent, content=body or None, extensions=extensions
            )
        phone.state.safari.take(str(parts.hostname), parts.path, answer)
        return {
            "status": answer.status_code,
            "headers": [
                [header, value]
                for header, value in answer.headers.multi_items()
                if header in ("location", "clear-site-data", "content-type", "cache-control")
            ],
            "text": answer.text,
        }

    def _shows_identity(self, phone: Phone) -> ssl.SSLContext:
        """TLS with the phone's access certificate, if it has one."""
        context, management = ssl.create_default_context(cafile=self.world.trust_file), phone.state.management
        if management is not None and management.access_identity is not None:
            _load_identity(context, management.access_identity, Path(self.world.folder) / f"{phone.name}.pem")
        return context

    def copied_identity(self, name: str) -> str:
        """What a thief who gets into a phone takes along: its access certificate and key; empty for none."""
        management = self.phones[name].state.management
        identity = management.access_identity if management is not None else None
        return _pem(identity).decode("ascii") if identity is not None else ""

    async def stop(self) -> None:
        """End every phone and the push service."""
        for task in list(self._tasks):
            task.cancel()
        for phone in self.phones.values():
            await phone.stop()
            self.keep(phone)
        await self.push.stop()
        await self.records.stop()
        await self.staff.stop()
        self.mailbox.stop()
