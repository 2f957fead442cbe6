"""Who sent a message: signatures and the trusted proxy's header, and every way of forging them."""

from __future__ import annotations

import base64
from dataclasses import replace
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pytest_django import Settings

from pocketward.fleet.apple.identity import IdentityRefused, presented_certificate
from pocketward.protocols.cms import mdm_signature
from tests.protocols.test_cms import der, make_certificate, make_key

BODY = b"<plist/>"
SECRET = "s3cret-of-this-install"
PEM = make_certificate("p256").public_bytes(Encoding.PEM).decode()


@pytest.fixture
def proxied(settings: Settings) -> None:
    """An installation whose operator said that a proxy stands in front of the device endpoints."""
    settings.POCKETWARD = replace(settings.POCKETWARD, device_trusted_proxy=True, proxy_secret=SECRET)


def refusal(*headers: tuple[str, str]) -> str:
    with pytest.raises(IdentityRefused) as refused:
        presented_certificate([(name.encode(), value.encode("latin-1")) for name, value in headers], BODY)
    return refused.value.reason


def signed() -> tuple[str, str]:
    return ("Mdm-Signature", mdm_signature(BODY, make_certificate("p256"), make_key("p256")))


def test_a_signature_shows_the_certificate_whose_key_made_it() -> None:
    name, value = signed()
    assert presented_certificate([(name.encode(), value.encode())], BODY).der == der(make_certificate("p256"))


def test_a_message_without_proof_is_refused() -> None:
    assert refusal() == "unsigned"
    assert refusal(("Mdm-Signature", "AAAA")) == "bad_signature"


def test_a_signature_given_twice_is_refused() -> None:
    assert refusal(signed(), signed()) == "doubled_header"
    assert refusal(signed(), ("mdm_signature", "x")) == "doubled_header"


@pytest.mark.usefixtures("proxied")
@pytest.mark.parametrize(
    "value", [quote(PEM), base64.b64encode(der(make_certificate("p256"))).decode()], ids=["nginx", "caddy"]
)
def test_the_proxys_header_counts_with_the_secret(value: str) -> None:
    headers = [
        (b"pocketward-proxy-secret", SECRET.encode()),
        (b"pocketward-client-certificate", value.encode()),
    ]
    assert presented_certificate(headers, BODY).der == der(make_certificate("p256"))


@pytest.mark.usefixtures("proxied")
def test_a_header_without_the_right_secret_is_a_spoof() -> None:
    certificate = ("Pocketward-Client-Certificate", quote(PEM))
    assert refusal(certificate) == "spoofed_proxy_header"
    assert refusal(certificate, ("Pocketward-Proxy-Secret", "guess")) == "spoofed_proxy_header"
    assert refusal(certificate, signed()) == "spoofed_proxy_header"


def test_where_no_proxy_is_declared_the_header_is_a_spoof_even_with_the_secret(
    settings: Settings,
) -> None:
    settings.POCKETWARD = replace(settings.POCKETWARD, device_trusted_proxy=False, proxy_secret=SECRET)
    headers = (("Pocketward-Client-Certificate", quote(PEM)), ("Pocketward-Proxy-Secret", SECRET))
    assert refusal(*headers) == "spoofed_proxy_header"


@pytest.mark.usefixtures("proxied")
def test_twins_placeholders_and_nonsense_are_refused() -> None:
    secret = ("Pocketward-Proxy-Secret", SECRET)
    good = ("Pocketward-Client-Certificate", quote(PEM))
    assert refusal(secret, good, good) == "doubled_header"
    assert refusal(secret, good, ("Pocketward_Client_Certificate", quote(PEM))) == "doubled_header"
    assert refusal(secret) == "no_client_certificate"
    for value in ("{http.request.tls.client.certificate_pem}", "-", "AAAA", "-----BEGIN nothing", "é"):
        name = ("Pocketward-Client-Certificate", value)
        assert refusal(secret, name) == "malformed_client_certificate"
    assert refusal(secret, ("Pocketward-Client-Certificate", "A" * 40_000)) == "no_client_certificate"
