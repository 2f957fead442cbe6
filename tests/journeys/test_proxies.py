"""Real proxies with our templates, before a real gate: who gets through to the records, and who does not."""

from __future__ import annotations

import contextlib
import hashlib
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from pocketward.gate import headers
from pocketward.gate.identity import read_certificate
from pocketward.gate.process import GateOptions, build_gate, serve
from pocketward.gate.records import PracticeFacts
from pocketward.gate.segments import SecurityEntry, read_segment
from pocketward.kernel import clock
from pocketward.pki import api as pki
from pocketward.practice.records import PracticeRecord
from pocketward.spine import reactions
from tests.gate.facts import APP, NOW, PHONE, PRACTICE, SECRET, SESSION, ListStore, changed, row, world_rows
from tests.journeys.proxies import (
    HOST,
    Client,
    Nginx,
    caddy,
    echo_app,
    free_port,
    nginx,
    write_crl,
    write_pem,
)
from tests.pki.conftest import Phone
from tests.protocols.scep.parties import rsa_key

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = "a-cookie-of-the-gate"
COOKIE = ("Cookie", f"pocketward_gate={TOKEN}")
OURS = (
    "Pocketward-Proxy-Secret", "Pocketward-Client-Certificate", "Pocketward-Decision", "Pocketward-Location",
    "Pocketward-Member", "Pocketward-Client", "X-Forwarded-Host", "X-Forwarded-Uri", "X-Forwarded-Method",
    "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded",
)  # fmt: skip


@dataclass
class World:
    """A practice with one phone, a gate that knows it, and everything a proxy needs on disk."""

    practice: PracticeRecord
    phone: Phone
    folder: Path
    store: ListStore
    values: dict[str, Any]
    certificates: dict[str, Path]
    key: Path
    version: int = 1

    @property
    def port(self) -> int:
        """Where the proxy listens."""
        return int(self.values["https_port"])

    def client(self, certificate: str | None = None, host: str = HOST) -> Client:
        """A caller with one of the phone's certificates, or with none."""
        shown = self.certificates[certificate] if certificate else None
        return Client(self.port, host, shown, self.key if shown else None)

    def publish(self, **changes: Any) -> None:
        """Change the phone's row, and give the gate a moment to read it."""
        self.version += 1
        self.store.rows.append(
            row("device", PHONE.device_id, changed(self.device(), **changes), self.version)
        )
        time.sleep(0.15)

    def device(self) -> Any:
        """The phone as the gate knows it when nothing is wrong."""
        access = self.certificates["access"].read_bytes()
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding

        der = x509.load_pem_x509_certificate(access).public_bytes(Encoding.DER)
        return changed(moved(PHONE), fingerprints=(hashlib.sha256(der).hexdigest(),))

    def alarms(self) -> list[str]:
        """The security events that the gate has written."""
        time.sleep(0.7)
        found = [
            entry
            for path in sorted((self.folder / "decisions").iterdir())
            for entry in read_segment(path).entries
        ]
        return [entry.code for entry in found if isinstance(entry, SecurityEntry)]


def moved(record: Any) -> Any:
    """The record's times, moved from the facts' fixed day to now."""
    shift = int(clock.true_now().timestamp()) - NOW
    names = ("fresh_until", "last_heard", "auth_at", "expires_at")
    return changed(record, **{name: getattr(record, name) + shift for name in names if hasattr(record, name)})


@contextlib.contextmanager
def running_gate(folder: Path, store: ListStore) -> Iterator[int]:
    """A gate on a port of its own."""
    options = GateOptions(
        people_url="https://pocketward.example.org", proxy_secret=SECRET, segments=folder / "decisions",
        poll_seconds=0.03,
    )  # fmt: skip
    (folder / "decisions").mkdir(exist_ok=True)
    gate, stop, ports, ready = build_gate(options, store), threading.Event(), [], threading.Event()

    def listening(port: int) -> None:
        ports.append(port)
        ready.set()

    thread = threading.Thread(target=serve, args=(gate,), kwargs={"stop": stop, "listening": listening})
    thread.start()
    try:
        assert ready.wait(10)
        yield ports[0]
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def world(practice: PracticeRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The world behind the proxy; the proxy itself is each test's."""
    # The gate's rows are laid out here by hand; nobody above looks for this phone in a fleet.
    monkeypatch.setattr(reactions, "_chain", [])
    pki.ensure_authority(practice_id=practice.id)
    phone = Phone(practice, device_id=uuid4())
    authority, listeners = tmp_path / "authority.pem", tmp_path / "listener.pem"
    anchors = pki.trust_anchors(practice_id=practice.id)
    authority.write_text("".join(anchors), encoding="ascii")
    chain, own_key = pki.issue_server_certificate(practice_id=practice.id, hosts=(HOST, "localhost"))
    listeners.write_bytes(chain)
    (tmp_path / "listener.key").write_bytes(own_key)
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = tmp_path / "phone.key"
    key.write_bytes(rsa_key(10).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificates = {
        purpose: write_pem(tmp_path / f"{purpose}.pem", phone.enrolled(purpose))
        for purpose in ("access", "management")
    }
    store = ListStore()
    with running_gate(tmp_path, store) as gate, echo_app() as app:
        listener = {"certificate": str(listeners), "key": str(tmp_path / "listener.key")}
        values: dict[str, Any] = {
            "people_host": "pocketward.example.org", "device_host": "devices.example.org",
            "https_port": free_port(), "web": f"127.0.0.1:{app}", "gate": f"127.0.0.1:{gate}",
            "proxy_secret": SECRET, "access_authority": str(authority),
            "access_crl": str(write_crl(tmp_path / "crl.pem", pki.crl(practice_id=practice.id))),
            "apps": [{"app_host": HOST, "app_upstream": f"127.0.0.1:{app}"}],
        }  # fmt: skip
        for name in ("people", "device", "app"):
            values |= {f"{name}_{part}": path for part, path in listener.items()}
        made = World(practice, phone, tmp_path, store, values, certificates, key)
        facts = PracticeFacts(PRACTICE, practice.name, authorities=tuple(anchors))
        session = changed(moved(SESSION), token_hash=hashlib.sha256(TOKEN.encode()).hexdigest())
        store.rows.extend(world_rows(device=made.device(), session=session, practice=facts, app=APP))
        time.sleep(0.15)
        yield made


Start = Callable[[Path, dict[str, Any]], contextlib.AbstractContextManager[Nginx | None]]
PROXIES = [pytest.param(nginx, id="nginx"), pytest.param(caddy, id="caddy")]
both = pytest.mark.parametrize("proxy", PROXIES)


@both
def test_a_healthy_phone_with_its_access_identity_gets_through_and_a_held_one_does_not(
    world: World, proxy: Start
) -> None:
    with proxy(world.folder, world.values):
        client = world.client("access")
        told = client.told("/notes/1", COOKIE)
        assert dict(told)["pocketward-member"] == "member-1"
        world.publish(hold_ref="case_1")
        status, headers, _ = client.get("/notes/1", COOKIE)
        assert status == 403
        assert headers["pocketward-decision"].startswith("dec_")
        status, headers, _ = client.get("/notes/1", COOKIE, ("Accept", "text/html"))
        assert status in (302, 403)
        world.publish()
        assert client.get("/notes/1", COOKIE)[0] == 200


@both
def test_the_record_system_hears_nothing_that_a_client_made_up(world: World, proxy: Start) -> None:
    lies = [(name, "a lie") for name in (*OURS, *(name.replace("-", "_") for name in OURS[:-1]))]
    with proxy(world.folder, world.values):
        told = world.client("access").told("/notes/1", COOKIE, *lies)
        assert "a lie" not in [value for _, value in told]
        assert dict(told)["pocketward-member"] == "member-1"
        names = [name for name, _ in told]
        assert len(names) == len(set(names))
        assert "pocketward-proxy-secret" not in names
        assert "pocketward-client-certificate" not in names


def test_every_header_between_us_and_a_proxy_is_among_those_that_are_tried() -> None:
    sources = (Path(headers.__file__).parent).glob("*.py")
    named = {name for path in sources for name in re.findall(r'b"(pocketward-[a-z-]+)"', path.read_text())}
    assert len(named) >= 5
    assert named | {name.decode() for name in headers.OURS} <= {name.lower() for name in OURS}


@both
def test_a_made_up_certificate_header_opens_nothing(world: World, proxy: Start) -> None:
    from urllib.parse import quote

    stolen = quote(world.certificates["access"].read_text(encoding="ascii"))
    lie = ("Pocketward-Client-Certificate", stolen)
    with proxy(world.folder, world.values):
        for made_up in (lie, ("Pocketward_Client_Certificate", stolen)):
            status = world.client().get("/notes/1", COOKIE, made_up, ("Pocketward-Proxy-Secret", SECRET))[0]
            assert status in (401, 403)


@both
def test_a_management_identity_opens_no_records(world: World, proxy: Start) -> None:
    with proxy(world.folder, world.values):
        try:
            status = world.client("management").get("/notes/1", COOKIE)[0]
        except (ssl.SSLError, ConnectionError):
            # Refused in the handshake already.
            return
        assert status in (401, 403)


@both
def test_without_a_session_the_answer_is_to_sign_in(world: World, proxy: Start) -> None:
    with proxy(world.folder, world.values):
        assert world.client("access").get("/notes/1")[0] == 401
        status, headers, _ = world.client("access").get("/notes/1", ("Accept", "text/html"))
        assert status == 302
        assert headers["location"].startswith("https://pocketward.example.org/open/app-1?decision=dec_")


@both
def test_when_the_gate_is_gone_records_are_closed(world: World, proxy: Start) -> None:
    world.values["gate"] = f"127.0.0.1:{free_port()}"
    with proxy(world.folder, world.values):
        assert world.client("access").get("/notes/1", COOKIE)[0] in (500, 502, 503)


@both
def test_old_tls_is_refused(world: World, proxy: Start) -> None:
    with proxy(world.folder, world.values):
        assert world.client("access").get("/notes/1", COOKIE)[0] == 200
        old = world.client()
        old.highest = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            old.get("/notes/1")


@both
def test_the_session_handover_is_told_the_host_and_the_certificate_by_the_proxy_only(
    world: World, proxy: Start
) -> None:
    with proxy(world.folder, world.values):
        told = dict(
            world.client("access").told("/.pocketward/session?code=x", ("X-Forwarded-Host", "other.example"))
        )
        assert told["pocketward-proxy-secret"] == SECRET
        assert (told["x-forwarded-host"], told["x-forwarded-proto"]) == (HOST, "https")
        assert told["pocketward-client-certificate"]
        without = dict(world.client().told("/.pocketward/session?code=x"))
        assert without.get("pocketward-client-certificate", "") == ""


def test_nginx_refuses_a_certificate_on_the_revocation_list_even_with_a_gate_that_knows_of_no_hold(
    world: World,
) -> None:
    assert world.phone.device_id is not None
    crl = Path(world.values["access_crl"])
    with nginx(world.folder, world.values) as proxy:
        client = world.client("access")
        assert client.get("/notes/1", COOKIE)[0] == 200
        pki.hold_access(device_id=world.phone.device_id, by="system:test", case_ref="case_1")
        write_crl(crl, pki.crl(practice_id=world.practice.id))
        proxy.reload()
        status, _, body = client.get("/notes/1", COOKIE)
        assert (status, "not accepted" in body.decode()) == (403, True)
        pki.lift_access_hold(device_id=world.phone.device_id, by="system:test", case_ref="case_1")
        write_crl(crl, pki.crl(practice_id=world.practice.id))
        proxy.reload()
        assert client.get("/notes/1", COOKIE)[0] == 200
        # Revoked, for good: the list says so without a hold, and lifting one changes nothing.
        pki.revoke_device(device_id=world.phone.device_id, reason="key_compromise", by="system:test")
        pki.lift_access_hold(device_id=world.phone.device_id, by="system:test", case_ref="case_1")
        write_crl(crl, pki.crl(practice_id=world.practice.id))
        proxy.reload()
        status, _, body = client.get("/notes/1", COOKIE)
        assert (status, "not accepted" in body.decode()) == (403, True)


@both
def test_device_endpoints_take_a_held_phones_management_identity_and_vouch_for_certificates_only(
    world: World, proxy: Start
) -> None:
    assert world.phone.device_id is not None
    pki.hold_access(device_id=world.phone.device_id, by="system:test", case_ref="case_1")
    with proxy(world.folder, world.values):
        shown = dict(world.client("management", "devices.example.org").told("/device/prac_x/connect"))
        assert shown["pocketward-proxy-secret"] == SECRET
        assert read_certificate(shown["pocketward-client-certificate"].encode()) is not None
        lies = [(name, "a lie") for name in OURS]
        signed = dict(world.client(None, "devices.example.org").told("/device/prac_x/connect", *lies))
        assert "a lie" not in signed.values()
        assert not {"pocketward-proxy-secret", "pocketward-client-certificate"} & set(signed)
        assert world.client(None, "devices.example.org").get("/other")[0] == 404


@both
def test_the_peoples_host_offers_no_device_endpoints_and_passes_no_identity(
    world: World, proxy: Start
) -> None:
    with proxy(world.folder, world.values):
        people = world.client(None, "pocketward.example.org")
        assert people.get("/device/prac_x/connect")[0] == 404
        assert people.get("/.pocketward/session?code=x")[0] == 404
        told = people.told("/sign-in", *[(name, "a lie") for name in OURS])
        assert "a lie" not in [value for _, value in told]
        assert dict(told)["pocketward-proxy-secret"] == SECRET
        with pytest.raises((ssl.SSLError, ConnectionError)):
            world.client(None, "unknown.example.org").get("/")


def test_no_link_that_is_a_secret_gets_into_nginxs_own_log(world: World) -> None:
    with nginx(world.folder, world.values):
        assert world.client(None, "pocketward.example.org").get("/start/very-secret-link")[0] == 200
        devices = world.client(None, "devices.example.org")
        assert devices.get("/device/prac_x/enroll/very-secret-ticket")[0] == 200
        assert world.client("access").get("/.pocketward/session?code=very-secret-code")[0] == 200
        assert world.client("access").get("/notes/1", COOKIE)[0] == 200
    log = (world.folder / "access.log").read_text(encoding="utf-8")
    assert "/notes/1" in log
    assert "very-secret" not in log


def test_a_header_that_pretends_to_come_from_the_proxy_is_an_alarm_at_the_gate(world: World) -> None:
    import httpx

    gate = world.values["gate"]
    headers = {"pocketward-client-certificate": "x", "x-forwarded-host": HOST}
    assert httpx.get(f"http://{gate}/auth-request", headers=headers).status_code == 403
    assert "header_untrusted" in world.alarms()
