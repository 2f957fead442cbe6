"""A pretend member of staff with a software passkey, who uses the product's own pages."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import secrets
import struct
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from tests.journeys.conftest import Clinic

# A slow machine may take longer than the 10 minutes for which a sign-in counts here.
DESTROYS = re.compile(r"/(?:erase|approve/[0-9a-f-]+)/$")
UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _cbor(value: Any) -> bytes:
    """The little CBOR that WebAuthn needs: ints, bytes, texts, maps."""
    if isinstance(value, int):
        major, number = (0, value) if value >= 0 else (1, -1 - value)
        return _head(major, number)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    return _head(5, len(value)) + b"".join(_cbor(key) + _cbor(item) for key, item in value.items())


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    if number < 256:
        return bytes([major << 5 | 24, number])
    return bytes([major << 5 | 25]) + struct.pack(">H", number)


def ledger_lines(page: httpx.Response) -> list[str]:
    """What a page of the ledger says happened, newest first."""
    assert page.status_code == 200, page.text[:800]
    found = re.findall(r'<td class="what">(.*?)</td>', page.text, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", text)) for text in found]


def fact_lines(page: httpx.Response) -> dict[str, tuple[str, str, str]]:
    """The facts on a phone's page by name: (value, age, how we know)."""
    assert page.status_code == 200, page.text[:800]
    found = re.findall(
        r'<div class="pw-fact[^"]*">\s*<dt>.*?</svg><span class="vh">.*?</span></span>(.*?)</dt>'
        r'\s*<dd>(.*?)</dd>\s*<dd class="age">(.*?)</dd>(?:<dd class="src">(.*?)</dd>)?',
        page.text, re.DOTALL,
    )  # fmt: skip
    words = [[html.unescape(re.sub(r"<[^>]+>", "", text)).strip() for text in fact] for fact in found]
    return {name: (value, age, source) for name, value, age, source in words}


def says_what_is_held(clinic: Clinic, page: httpx.Response, name: str, email: str, phone: str) -> None:
    """What we hold, read by whose it is: their row, sign-ins, openings, and every stored fact of a phone."""
    shown = html.unescape(page.text)
    lines = re.findall(r"<dt>([^<]+)</dt><dd>([^<]*)", shown)
    assert {("Name", name), ("Work e-mail", email)} <= set(lines), lines
    assert {"Roles", "Here since", "Passkey", "Open session"} <= {what for what, _ in lines}, lines
    assert re.search(r"<dt>Harbor Records</dt><dd>[^<]*\d+:\d\d", shown)
    found = re.search(rf"<h2 id=[^>]+>{phone}</h2>(.*?)</section>", shown, re.DOTALL)
    assert found, shown[:3000]
    aged = re.findall(
        r"<dt>([^<]+)</dt><dd>([^<]*)<small>(?:\d+ (?:sec|min|hr) ago|just now)</small>", found[1]
    )
    ((stored,),) = clinic.read(
        "SELECT s.facts FROM fleet_devicestate s JOIN fleet_device d ON d.id = s.device_id WHERE d.label = ?",
        phone,
    )
    assert len(aged) == len(json.loads(stored)) > 8, (aged, stored)
    assert clinic.phone(phone)["serial"] in {value for _, value in aged}


class Passkey:
    """An ES256 authenticator with user verification; `synced` sets its backup flags."""

    def __init__(self, origin: str, *, synced: bool = False) -> None:
        self.origin, self.rp_id = origin, urlsplit(origin).hostname or ""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(16)
        self.handle = b""
        self._flags = UP | UV | (BE | BS if synced else 0)
        self._count = 0

    def _data(self, flags: int, tail: bytes = b"") -> bytes:
        self._count += 1
        return (
            hashlib.sha256(self.rp_id.encode()).digest()
            + bytes([flags])
            + struct.pack(">I", self._count)
            + tail
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def register(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer creation options."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + _cbor(cose)
        data = self._data(self._flags | AT, attested)
        self.handle = base64.urlsafe_b64decode(options["user"]["id"] + "==")
        client = self._client("webauthn.create", options["challenge"])
        response = {
            "clientDataJSON": _b64(client),
            "attestationObject": _b64(_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._credential(response) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def sign_in(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer request options."""
        data = self._data(self._flags)
        client = self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": _b64(client),
            "authenticatorData": _b64(data),
            "signature": _b64(signature),
            "userHandle": _b64(self.handle),
        }
        return self._credential(response) | {"clientExtensionResults": {}}

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        raw = _b64(self.credential_id)
        return {"type": "public-key", "id": raw, "rawId": raw, "response": response}


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, clinic: Clinic, name: str, *, synced: bool = False) -> None:
        self.clinic, self.name = clinic, name
        self.origin = clinic.world["people_url"]
        self.slug = clinic.world["practice_slug"]
        self.browser = httpx.Client(base_url=self.origin, follow_redirects=True, timeout=30)
        self.passkey = Passkey(self.origin, synced=synced)
        self.cookie = ""

    def _token(self, page: httpx.Response) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found, page.text[:800]
        return found[1]

    def _options(self, page: httpx.Response) -> dict[str, Any]:
        found = re.search(r'data-options="([^"]*)"', page.text)
        assert found, page.text[:2000]
        options: dict[str, Any] = json.loads(html.unescape(found[1]))
        return options

    def post(self, page: httpx.Response, url: str, **fields: str | list[str]) -> httpx.Response:
        """Send a form of this page; what destroys is sent once more after signing in, if asked."""
        answer = self._send(page, url, fields)
        if DESTROYS.search(url) and answer.url.path == "/sign-in/":
            again = self.sign_in(answer.url.params["next"])
            assert "Nothing was done yet" in again.text
            answer = self._send(again, url, fields)
        return answer

    def _send(self, page: httpx.Response, url: str, fields: dict[str, str | list[str]]) -> httpx.Response:
        return self.browser.post(
            url, data={"csrfmiddlewaretoken": self._token(page), **fields}, headers={"origin": self.origin}
        )

    def join(self) -> None:
        """Spend the invitation and make a passkey."""
        (url,) = (item["join_url"] for item in self.clinic.world["people"] if item["name"] == self.name)
        page = self.browser.get(url)
        page = self.post(page, url)
        made = json.dumps(self.passkey.register(self._options(page)))
        page = self.post(page, "/account/passkey/", credential=made, name="Software passkey")
        assert page.status_code == 200, page.text[:800]

    def passkey_proof(self, page: httpx.Response) -> str:
        """The answer of their passkey to what this page asks."""
        return json.dumps(self.passkey.sign_in(self._options(page)))

    def sign_in(self, path: str = "/") -> httpx.Response:
        """With the passkey, on the sign-in page; the page they wanted."""
        page = self.browser.get("/sign-in/", params={"next": path})
        answer = self.post(page, "/sign-in/", credential=self.passkey_proof(page), next=path)
        assert answer.status_code == 200, answer.text[:800]
        assert answer.url.path == path.split("?")[0], answer.url
        return answer

    def page_of_phone(self, label: str) -> httpx.Response:
        """An officer's page of the phone with this label."""
        listed = html.unescape(self.browser.get(f"/p/{self.slug}/phones/?q={label.split()[0]}").text)
        found = re.search(rf'"(/p/{self.slug}/phones/dev_[0-9a-z]+/)"[^>]*>[^<]*{label}', listed)
        assert found, listed[:3000]
        return self.browser.get(found[1])

    @property
    def member_id(self) -> str:
        """Their id, as events write it."""
        rows = self.clinic.read("SELECT id FROM practice_workforcemember WHERE full_name = ?", self.name)
        return str(UUID(str(rows[0][0])))

    def sign_in_to_records(self, phone: str, path: str = "/notes", start: str = "") -> None:
        """On the phone: open the records, be sent to sign in, come back with a session.

        `start`: a page of ours that leads to the records, instead of the records themselves.
        """
        if not start:
            first = self.clinic.act(phone, "open", path=path)
            assert first["status"] == 302, first
            start = first["location"]
        answer = self.browser.get(start, follow_redirects=False)
        assert answer.status_code in (302, 303), answer.text[:800]
        target = urlsplit(answer.headers["location"])
        back = self.clinic.act(phone, "open", path=f"{target.path}?{target.query}")
        again = urlsplit(back["location"])
        if again.path == target.path:
            # A shared tablet that another person had before: it forgets first.
            back = self.clinic.act(phone, "open", path=f"{again.path}?{again.query}")
        assert back["status"] == 303, back
        self.cookie = back["cookie"]
