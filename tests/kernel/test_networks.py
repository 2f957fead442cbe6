"""Where a request came from: IPv6 by /64, a proxy's word only with the secret, the same place alike."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from pocketward.kernel.networks import network_digest, network_of, sender_address

SECRET = b"s" * 32


def sender(shown: bytes, forwarded: bytes) -> str:
    return sender_address(peer="127.0.0.1", shown=shown, forwarded_for=forwarded, secret=SECRET)


@given(address=st.ip_addresses(v=6), low=st.integers(0, 2**64 - 1))
def test_all_addresses_of_one_ipv6_network_are_one(address: ipaddress.IPv6Address, low: int) -> None:
    neighbor = ipaddress.IPv6Address((int(address) >> 64 << 64) | low)
    if address.ipv4_mapped is None and neighbor.ipv4_mapped is None:
        assert network_of(str(address)) == network_of(str(neighbor))
        elsewhere = ipaddress.IPv6Address(int(neighbor) ^ (1 << 64))
        assert network_of(str(elsewhere)) != network_of(str(address))


@given(one=st.ip_addresses(v=4), other=st.ip_addresses(v=4))
def test_an_ipv4_address_is_its_own_network(one: ipaddress.IPv4Address, other: ipaddress.IPv4Address) -> None:
    assert (network_of(str(one)) == network_of(str(other))) == (one == other)
    assert network_of(f"::ffff:{one}") == str(one)


@given(text=st.text(max_size=300))
def test_what_is_no_address_is_no_error(text: str) -> None:
    assert len(network_of(text)) <= 64
    assert len(network_digest(text, "key")) == 64


def test_only_a_proxy_with_the_secret_says_who_called() -> None:
    assert sender(SECRET, b"203.0.113.9") == "203.0.113.9"
    assert sender(b"wrong", b"203.0.113.9") == "127.0.0.1"
    assert sender(b"", b"203.0.113.9") == "127.0.0.1"
    assert sender(SECRET, b"10.0.0.1, 203.0.113.9") == "203.0.113.9"
    assert sender_address(peer="::1", shown=b"", forwarded_for=b"1.2.3.4", secret=b"") == "::1"


def test_the_digest_needs_the_key_and_does_not_say_the_place() -> None:
    one = network_digest("203.0.113.9", "key")
    assert one == network_digest("203.0.113.9", "key")
    assert one != network_digest("203.0.113.9", "another key")
    assert "203" not in one or len(one) == 64
