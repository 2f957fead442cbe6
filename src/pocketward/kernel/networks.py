"""Where a request came from: the address behind a proxy that proves itself, and networks by digest.

An IPv6 sender has a whole /64 to choose addresses from, so a /64 is one network; an IPv4 address is one.
"""

from __future__ import annotations

import ipaddress

from pocketward.kernel import crypto

LONGEST_ADDRESS = 64


def network_of(address: str) -> str:
    """The network an address counts as: itself (IPv4), its /64 (IPv6); what is no address counts as typed."""
    try:
        found = ipaddress.ip_address(address.strip().partition("%")[0])
    except ValueError:
        return address.strip()[:LONGEST_ADDRESS]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def network_digest(address: str, secret: str) -> str:
    """A keyed digest (64 hex digits) of the address's network: alike for one place, which stays unsaid."""
    key = crypto.derive_key(secret.encode(), "report networks")
    return crypto.hmac_sha256(key, network_of(address).encode()).hex()


def sender_address(*, peer: str, shown: bytes, forwarded_for: bytes, secret: bytes) -> str:
    """The sender's address: `forwarded_for` only from a proxy that shows this installation's secret.

    The last address of the list is the one that the proxy itself saw.
    """
    if secret and shown and crypto.same(shown, secret):
        return forwarded_for.rpartition(b",")[2].strip().decode("latin-1")[:LONGEST_ADDRESS]
    return peer
