"""The lab: its push service, its phones, what went over the wire."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from devicelab.apns import PushService
from devicelab.ehr import RecordSystem
from devicelab.mailbox import Mailbox
from devicelab.phone.enrolling import EnrollmentFailed
from devicelab.phone.phone import Phone
from devicelab.phone.state import Identity, PhoneState
from devicelab.staff import Seen, Staff
from devicelab.wire import WireLog
from devicelab.world import PhoneSpec, World
from pocketward.kernel import clock
from pocketward.protocols import scep
from pocketward.protocols.apple_mdm import MessageError, ProfileError


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
        self.push = PushService()
        self.mailbox = Mailbox()
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
        """Start the push service and enroll the world's phones, one after the other."""
        clock.set_offset_file(Path(self.world.clock_offset_file))
        folder = Path(self.world.folder)
        await self.push.start(folder, self.world.apns_port)
        self.mailbox.start(self.world.smtp_port)
        await self.records.start(folder, self.world.ehr_http_port, self.world.ehr_https_port)
        for spec in self.world.phones:
            self.add_phone(spec)
        self._spawn(self._enroll_all())

    def add_phone(self, spec: PhoneSpec) -> Phone:
        """A new phone out of its box."""

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
        phone = Phone(PhoneState(spec), http, self.push)
        self.phones[spec.name] = phone
        return phone

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _enroll_all(self) -> None:
        """First, in the demo's past, the phones that will be silent; then the clock comes to today."""
        waiting = [phone for phone in self.phones.values() if phone.state.spec.enroll_url]
        silent = [phone for phone in waiting if phone.state.spec.silent_after]
        for phone in silent:
            await self._enroll_patiently(phone)
            await self._fall_silent(phone)
        if silent:
            clock.write_offset(Path(self.world.clock_offset_file), 0)
        for phone in waiting:
            if phone not in silent:
                await self._enroll_patiently(phone)

    async def _enroll_patiently(self, phone: Phone) -> None:
        """The product may still be starting: try for a minute."""
        for _ in range(120):
            try:
                await phone.enroll(phone.state.spec.enroll_url)
                break
            except httpx.TransportError as error:
                phone.last_error = f"{type(error).__name__}: {error}"
                await asyncio.sleep(0.5)
            except (EnrollmentFailed, ProfileError, MessageError, scep.ScepError, ValueError) as error:
                phone.last_error = f"{type(error).__name__}: {error}"
                return

    async def _fall_silent(self, phone: Phone) -> None:
        """Once it has told everything it speaks no more: nothing of it is heard on the clock of today."""
        for _ in range(100):
            await asyncio.sleep(0.2)
            if "CertificateList" in phone.answered:
                phone.go_offline()
                await phone.at_rest()
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
        await self.push.stop()
        await self.records.stop()
        await self.staff.stop()
        self.mailbox.stop()
