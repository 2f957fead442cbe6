"""Keys that sort by time, public ids that survive a round trip, secrets without bias."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketward.kernel.ids import ALPHABET, PUBLIC_LENGTH, parse_public_id, public_id, secret_token, uuid7

PREFIXES = st.sampled_from(["prac", "site", "mem", "dev", "enr", "cmd", "case", "dec", "evt", "job", "op"])


def test_a_key_is_a_version_7_uuid_of_this_moment() -> None:
    before = time.time_ns() // 1_000_000
    key = uuid7()
    after = time.time_ns() // 1_000_000
    assert key.version == 7
    assert key.variant == "specified in RFC 4122"
    assert before <= key.int >> 80 <= after


def test_keys_differ_and_sort_by_their_milliseconds() -> None:
    keys = [uuid7() for _ in range(2000)]
    assert len(set(keys)) == len(keys)
    moments = [key.int >> 80 for key in keys]
    assert moments == sorted(moments)


@given(PREFIXES, st.uuids())
def test_a_public_id_leads_back_to_its_key(prefix: str, key: UUID) -> None:
    text = public_id(prefix, key)
    assert text.startswith(f"{prefix}_")
    assert len(text) == len(prefix) + 1 + PUBLIC_LENGTH
    assert text == text.lower()
    assert parse_public_id(prefix, text) == key


@given(st.uuids(), st.uuids())
def test_public_ids_sort_as_their_keys_do(one: UUID, two: UUID) -> None:
    assert (public_id("dev", one) < public_id("dev", two)) == (one.int < two.int)


@given(st.text(max_size=40))
def test_any_other_text_is_refused_and_never_read_as_some_key(text: str) -> None:
    try:
        key = parse_public_id("dev", text)
    except ValueError:
        return
    assert public_id("dev", key) == text


@given(st.uuids())
def test_an_id_of_another_kind_is_refused(key: UUID) -> None:
    with pytest.raises(ValueError, match="not a dev id"):
        parse_public_id("dev", public_id("cmd", key))


def test_an_id_beyond_128_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="not a dev id"):
        parse_public_id("dev", "dev_" + "z" * PUBLIC_LENGTH)


@pytest.mark.parametrize("size", [4, 16, 32])
def test_a_secret_has_all_its_bits_and_letters_that_fit_an_address(size: int) -> None:
    secrets = {secret_token(size) for _ in range(300)}
    assert len(secrets) == 300
    assert {len(secret) for secret in secrets} == {(size * 8 + 4) // 5}
    assert set("".join(secrets)) == set(ALPHABET)
