"""Clients that we did not write enroll and renew over HTTP, and an old one that breaks every habit.

strongSwan's `pki` is the foreign client: its own reading of RFC 8894, its own cryptography.
"""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.pki import api as pki
from pocketward.pki import endpoints
from pocketward.practice.records import PracticeRecord
from pocketward.protocols import scep
from tests.pki.conftest import Phone, kinds, reasons
from tests.protocols.scep.parties import rsa_key

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(practice: PracticeRecord) -> Phone:
    """A phone whose challenges we make; what it sends goes over HTTP."""
    pki.ensure_authority(practice_id=practice.id)
    return Phone(practice)


@pytest.fixture
def address(phone: Phone) -> Iterator[str]:
    """Where the practice's SCEP endpoints answer, without the purpose."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(endpoints.app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    port = listener.getsockname()[1]
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}/device/{public_id('prac', phone.practice.id)}/scep"
    server.should_exit = True
    thread.join()
    listener.close()


@dataclass(frozen=True)
class StrongSwan:
    """The foreign client, in a folder of its own."""

    folder: Path
    url: str

    def run(self, *arguments: str | Path, binary_out: bool = False) -> subprocess.CompletedProcess[bytes]:
        """One call of `pki`."""
        done = subprocess.run(
            ["pki", *map(str, arguments)], capture_output=True, cwd=self.folder, timeout=30, check=False
        )
        if not binary_out:
            assert done.returncode == 0, done.stderr.decode()
        return done

    def read_authority(self) -> None:
        """Ask for the authority's certificates and keep them as files."""
        self.run("--scepca", "--url", self.url, "--caout", "ca.der", "--raout", "ra.der", "--force")

    def make_key(self, name: str, number: int) -> Path:
        """An RSA key as a file."""
        path = self.folder / name
        path.write_bytes(rsa_key(number).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        return path

    def ask(self, key: Path, *more: str | Path) -> tuple[int, bytes, str]:
        """One certificate request: exit status, certificate, what it said."""
        done = self.run(
            "--scep", "--url", self.url, "--in", key, "--dn", "O=Clinic, CN=phone",
            "--cacert-enc", self.ra(), "--cacert-sig", self.ra(), "--cacert", self.ca(), *self.above(), *more,
            binary_out=True,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr.decode()

    def ra(self) -> Path:
        """The registration authority's certificate."""
        return self.folder / "ra.der"

    def ca(self) -> Path:
        """The authority's certificate."""
        return self.folder / "ca.der"

    def above(self) -> list[str | Path]:
        """Further authorities, as options."""
        return [part for path in sorted(self.folder.glob("ca-*.der")) for part in ("--cacert", path)]


@pytest.mark.parametrize("purpose", ["management", "access"])
def test_strongswan_enrolls_is_refused_a_replay_and_renews(
    phone: Phone, address: str, tmp_path: Path, purpose: str
) -> None:
    client = StrongSwan(tmp_path, f"{address}/{purpose}")
    client.read_authority()
    secret = phone.challenge(purpose)
    first_key = client.make_key("first.der", 20)
    status, der, said = client.ask(first_key, "--password", secret, "--san", "phone.example.org")
    assert status == 0, said
    identity = pki.identity_of(practice_id=phone.practice.id, certificate_der=der)
    assert identity is not None and identity.purpose == purpose and identity.state == "valid"

    status, nothing, said = client.ask(client.make_key("other.der", 21), "--password", secret)
    assert (status == 0, nothing) == (False, b"")
    assert reasons(phone.practice) == ["used"]

    (tmp_path / "first.crt").write_bytes(der)
    status, renewed, said = client.ask(
        client.make_key("second.der", 22), "--cert", tmp_path / "first.crt", "--key", first_key
    )
    assert status == 0, said
    second = x509.load_der_x509_certificate(renewed)
    assert second.public_key() == rsa_key(22).public_key()
    assert phone.state_of(renewed) == "valid"
    assert kinds(phone.practice).count("pki.certificate_issued") == 2


def test_strongswan_is_not_given_an_access_identity_for_a_management_one(
    phone: Phone, address: str, tmp_path: Path
) -> None:
    management = StrongSwan(tmp_path, f"{address}/management")
    management.read_authority()
    key = management.make_key("first.der", 20)
    status, der, said = management.ask(key, "--password", phone.challenge("management"))
    assert status == 0, said
    (tmp_path / "first.crt").write_bytes(der)
    access = StrongSwan(tmp_path, f"{address}/access")
    access.read_authority()
    second = access.make_key("second.der", 22)
    status, nothing, _ = access.ask(second, "--cert", tmp_path / "first.crt", "--key", key)
    assert (status == 0, nothing) == (False, b"")
    assert reasons(phone.practice) == ["wrong_purpose"]


def test_an_old_client_enrolls_once_the_practice_allows_its_algorithms(phone: Phone, address: str) -> None:
    url = f"{address}/access"
    habits = scep.OldHabits(single_des=True, sha1=True, constructed=True, unsorted_attributes=True)
    with httpx.Client() as http:
        told = http.get(scep.operation_url(url, "GetCACert"))
        authority = scep.parse_ca_certificates(told.content, told.headers["content-type"])

        def ask() -> scep.EnrollmentAnswer:
            asked = scep.begin_enrollment(
                key=rsa_key(20), subject=(("CN", "phone"),), challenge=phone.challenge(),
                authority=authority, now=clock.now(), habits=habits,
            )  # fmt: skip
            sent = http.post(
                scep.operation_url(url, "PKIOperation"),
                content=asked.request,
                headers={"content-type": scep.MESSAGE_TYPE_HEADER},
            )
            assert sent.status_code == 200
            return scep.read_answer(asked, sent.content)

        assert ask().fail_info is scep.FailInfo.BAD_ALG
        pki.allow_legacy(practice_id=phone.practice.id, allowed=True, by="member:officer")
        assert ask().certificate is not None
    assert kinds(phone.practice)[-1] == "pki.legacy_algorithm_used"
