"""Checks that need the network: our own addresses, Apple, the mail server; each waits a few seconds."""

from __future__ import annotations

import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from pocketward.cli.findings import Finding, fail, ok, warn
from pocketward.kernel.settings import Settings

WAIT_SECONDS = 4.0


def addresses(host: str, port: int) -> tuple[str, ...]:
    """The IP addresses behind a name, sorted; empty when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(sorted({str(item[4][0]) for item in found}))


def reachable(world: str, url: str, what: str) -> Finding:
    """Can this address be dialled, with a certificate that phones accept?

    From inside we cannot see a firewall in front, so the sentence says only what was tried.
    """
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    found = addresses(host, port)
    if not found:
        return fail("reachable", f"{what}: the name {host} has no address.", f"Make a DNS record for {host}.")
    if world == "real" and all(not ipaddress.ip_address(item).is_global for item in found):
        return fail(
            "reachable", f"{what}: {host} leads to {found[0]}, which phones outside cannot dial.",
            "Give the name a public address, or forward the port to this server.",
        )  # fmt: skip
    try:
        with socket.create_connection((host, port), timeout=WAIT_SECONDS) as raw:
            if secure:
                _shake_hands(raw, host, trust=world == "real")
    except ssl.SSLCertVerificationError as error:
        return fail(
            "reachable", f"{what}: {host} shows a certificate that phones refuse ({error.verify_message}).",
            "Let Caddy or certbot get a certificate for this name.",
        )  # fmt: skip
    except OSError as error:
        return fail(
            "reachable", f"{what}: {host}:{port} does not answer ({type(error).__name__}).",
            "Look whether the server and the proxy in front of it run, and whether the port is open.",
        )  # fmt: skip
    return ok(
        "reachable", f"{what}: {host}:{port} answers from here. Try it once from a phone without Wi-Fi."
    )


def _shake_hands(raw: socket.socket, host: str, *, trust: bool) -> None:
    context = ssl.create_default_context()
    if not trust:
        # A demo's own authority is not in this machine's list.
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.wrap_socket(raw, server_hostname=host).close()


def our_addresses() -> Iterator[Finding]:
    """The two addresses that people and phones dial."""
    mine: Settings = settings.POCKETWARD
    yield reachable(mine.world, mine.people_url, "People")
    yield reachable(mine.world, mine.device_url, "Phones")


def apple() -> Iterator[Finding]:
    """Can the push service be dialled from here?"""
    mine: Settings = settings.POCKETWARD
    where = f"{mine.push.host}:{mine.push.port}"
    try:
        socket.create_connection((mine.push.host, mine.push.port), timeout=WAIT_SECONDS).close()
    except OSError as error:
        yield fail(
            "apple", f"{where} does not answer ({type(error).__name__}); phones cannot be woken.",
            f"Allow outgoing connections to {where}.",
        )  # fmt: skip
        return
    yield ok("apple", f"{where} can be dialled.")


def mail() -> Iterator[Finding]:
    """Can we send mail?"""
    mine: Settings = settings.POCKETWARD
    if not mine.mail.host:
        yield warn(
            "mail",
            "No mail server is set: officers are told of a lost phone on one channel only, their pages.",
            "Set [mail] host, port, user and sender in pocketward.toml.",
        )  # fmt: skip
        return
    where = f"{mine.mail.host}:{mine.mail.port}"
    try:
        with smtplib.SMTP(mine.mail.host, mine.mail.port, timeout=WAIT_SECONDS) as server:
            if mine.mail.starttls:
                server.starttls(context=ssl.create_default_context())
            if mine.mail.user:
                server.login(mine.mail.user, mine.mail.password)
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        yield fail("mail", f"{where} refuses us ({type(error).__name__}).", "Look at the [mail] settings.")
        return
    yield ok("mail", f"{where} takes our mail." if mine.mail.user else f"{where} answers.")


CHECKS = (our_addresses, apple, mail)
