"""The pretend record system and the small proxy before it, which asks the gate as nginx would (auth_request).

Every header by which a proxy speaks to Pocketward is dropped from what clients send, then set by us.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import h11
import httpx
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from devicelab.ehr_pages import Answered, page

LARGEST = 256 * 1024
SECONDS = 20.0
OURS = (b"pocketward-", b"x-forwarded-", b"forwarded", b"x-real-ip")


@dataclass(frozen=True)
class Asked:
    """One request of a client."""

    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    certificate_pem: str
    is_tls: bool
    network: str


@dataclass
class RecordSystem:
    """Listens for browsers (http) and phones (https, client certificate optional)."""

    gate_url: str
    people_url: str
    proxy_secret: str
    trust_file: str
    asked: list[dict[str, object]] = field(default_factory=list)
    _servers: list[asyncio.Server] = field(default_factory=list)
    _http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=10))

    async def start(self, folder: Path, http_port: int, https_port: int) -> None:
        """Open both listeners on loopback."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(folder / "ehr-listener.pem")
        # A client may show a certificate of the practice's; who it is, the gate judges again.
        context.load_verify_locations(folder / "access-trust.pem")
        context.verify_mode = ssl.CERT_OPTIONAL
        self._servers = [
            await asyncio.start_server(self._serve, "127.0.0.1", http_port),
            await asyncio.start_server(self._serve, "127.0.0.1", https_port, ssl=context),
        ]

    async def stop(self) -> None:
        """Close both."""
        for server in self._servers:
            server.close()
        await self._http.aclose()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        with contextlib.suppress(ConnectionError, TimeoutError, h11.RemoteProtocolError, ssl.SSLError):
            request = await asyncio.wait_for(_read(connection, reader), SECONDS)
            answer = await self.answer(_asked(request, writer)) if request is not None else Answered(400)
            names = [*answer.headers, ("content-length", str(len(answer.body))), ("connection", "close")]
            head = h11.Response(status_code=answer.status, headers=names)
            writer.write(connection.send(head) or b"")
            writer.write(connection.send(h11.Data(data=answer.body)) or b"")
            writer.write(connection.send(h11.EndOfMessage()) or b"")
            await writer.drain()
        writer.close()

    async def answer(self, asked: Asked) -> Answered:
        """Ask the gate, then serve the page, or send the client where the gate says."""
        if asked.target.startswith("/.pocketward/"):
            return await self._pass_on(asked)
        try:
            reply = await self._http.get(f"{self.gate_url}/auth-request", headers=self._headers(asked))
        except httpx.HTTPError:
            return Answered(500, (("content-type", "text/plain"),), b"the gate does not answer")
        path = asked.target.partition("?")[0]
        self.asked.append({"path": path, "status": reply.status_code})
        if reply.status_code == 204:
            return page(path, cookies=_cookies_of(asked))
        location = reply.headers.get("pocketward-location", "")
        if reply.status_code in (401, 403) and location:
            return Answered(302, (("location", location), ("cache-control", "no-store")))
        return Answered(500 if reply.status_code not in (401, 403) else reply.status_code)

    async def _pass_on(self, asked: Asked) -> Answered:
        reply = await self._http.get(f"{self.people_url}{asked.target}", headers=self._headers(asked))
        kept = ("location", "set-cookie", "cache-control", "content-type", "clear-site-data")
        names = tuple((name, value) for name, value in reply.headers.multi_items() if name.lower() in kept)
        return Answered(reply.status_code, names, reply.content)

    def _headers(self, asked: Asked) -> list[tuple[str, str]]:
        host = next((value.decode("latin-1") for name, value in asked.headers if name == b"host"), "")
        cookies = _cookies_of(asked)
        headers = [
            ("Pocketward-Proxy-Secret", self.proxy_secret),
            ("X-Forwarded-Host", host),
            ("X-Forwarded-Uri", asked.target),
            ("X-Forwarded-Method", asked.method),
            ("X-Forwarded-Proto", "https" if asked.is_tls else "http"),
            ("X-Forwarded-For", asked.network),
        ]
        if asked.certificate_pem:
            headers.append(("Pocketward-Client-Certificate", quote(asked.certificate_pem, safe="")))
        if cookies:
            headers.append(("Cookie", cookies))
        return headers


def _cookies_of(asked: Asked) -> str:
    return "; ".join(value.decode("latin-1") for name, value in asked.headers if name == b"cookie")


async def _read(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Request | None:
    request: h11.Request | None = None
    size = 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            size += len(event.data)
            if size > LARGEST:
                return None
        elif isinstance(event, h11.EndOfMessage):
            return request
        else:
            return None


def _asked(request: h11.Request, writer: asyncio.StreamWriter) -> Asked:
    headers = tuple((name, value) for name, value in request.headers if not name.lower().startswith(OURS))
    tls = writer.get_extra_info("ssl_object")
    der = tls.getpeercert(binary_form=True) if tls is not None else None
    pem = ""
    if der:
        pem = x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM).decode()
    peer = writer.get_extra_info("peername")
    return Asked(
        request.method.decode(), request.target.decode("latin-1"), headers, pem, tls is not None, str(peer[0])
    )
