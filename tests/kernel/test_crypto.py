"""Sealed blobs open with their own key at their own place and in no other way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketward.kernel import crypto

KEYS = st.binary(min_size=32, max_size=32)


@given(KEYS, st.binary(max_size=300), st.binary(max_size=40))
def test_what_was_sealed_opens_with_its_key_at_its_place(key: bytes, secret: bytes, place: bytes) -> None:
    blob = crypto.seal(key, secret, place)
    assert crypto.open_sealed(key, blob, place) == secret
    assert len(blob) == 1 + 12 + len(secret) + 16


@given(KEYS, KEYS, st.binary(max_size=40), st.binary(max_size=40))
def test_another_key_or_place_opens_nothing(key: bytes, other: bytes, place: bytes, elsewhere: bytes) -> None:
    blob = crypto.seal(key, b"secret", place)
    if other != key:
        with pytest.raises(crypto.SealBroken):
            crypto.open_sealed(other, blob, place)
    if elsewhere != place:
        with pytest.raises(crypto.SealBroken):
            crypto.open_sealed(key, blob, elsewhere)


@given(st.binary(min_size=1, max_size=80), st.data())
def test_one_changed_bit_anywhere_is_found(secret: bytes, data: st.DataObject) -> None:
    key = crypto.random_key()
    blob = bytearray(crypto.seal(key, secret, b"place"))
    bit = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[bit // 8] ^= 1 << bit % 8
    with pytest.raises(crypto.SealBroken):
        crypto.open_sealed(key, bytes(blob), b"place")


@given(st.binary(max_size=60))
def test_bytes_that_were_never_sealed_are_refused_plainly(blob: bytes) -> None:
    with pytest.raises(crypto.SealBroken):
        crypto.open_sealed(bytes(32), blob, b"place")


def test_no_two_seals_of_one_secret_look_alike() -> None:
    key = crypto.random_key()
    blobs = {crypto.seal(key, b"same", b"place") for _ in range(200)}
    assert len(blobs) == 200
    assert len({blob[1:13] for blob in blobs}) == 200


def test_keys_for_two_purposes_have_nothing_in_common() -> None:
    secret = crypto.random_key()
    assert crypto.derive_key(secret, "a") == crypto.derive_key(secret, "a")
    assert len({crypto.derive_key(secret, "a"), crypto.derive_key(secret, "b"), secret}) == 3
    assert len(crypto.derive_key(secret, "a")) == crypto.KEY_SIZE


def test_the_primitives_are_the_known_ones() -> None:
    # RFC 4231, test case 2; FIPS 180-4's "abc"; RFC 5869's construction with an empty salt.
    mac = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert crypto.hmac_sha256(b"Jefe", b"what do ya want for nothing?").hex() == mac
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert crypto.sha256_hex(b"abc") == digest
    extracted = crypto.hmac_sha256(bytes(32), b"secret")
    assert crypto.derive_key(b"secret", "purpose") == crypto.hmac_sha256(extracted, b"purpose\x01")


@given(st.text(max_size=20), st.text(max_size=20))
def test_secrets_are_equal_when_their_bytes_are(one: str, two: str) -> None:
    assert crypto.same(one, two) == (one == two)
    assert crypto.same(one, one.encode())
