"""A playbook's file: strict, and broken in one way only."""

from __future__ import annotations

import contextlib
from importlib import resources
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.response.errors import PlaybookBroken
from pocketward.response.playbook import playbook, read_playbook
from tests.factories.hostile import EDITS, FEW, JSON, mutated

SHIPPED = (resources.files("pocketward.response") / "playbooks" / "lost_device.yaml").read_bytes()


def read(data: bytes) -> None:
    """A playbook with steps, or PlaybookBroken."""
    with contextlib.suppress(PlaybookBroken):
        assert read_playbook("lost_device", data).steps


def test_the_shipped_one_is_read() -> None:
    assert read_playbook("lost_device", SHIPPED) == playbook("lost_device")


@FEW
@given(st.binary(max_size=300))
def test_any_bytes_are_broken(data: bytes) -> None:
    with pytest.raises(PlaybookBroken):
        read_playbook("lost_device", data)


@FEW
@given(EDITS)
def test_a_mutated_file_is_read_or_broken(edits: list[tuple[int, int, int]]) -> None:
    read(mutated(SHIPPED, edits))


@settings(max_examples=40, deadline=None)
@given(JSON, st.sampled_from(["id", "version", "title", "steps"]))
def test_any_value_in_any_place_is_read_or_broken(value: Any, name: str) -> None:
    content = yaml.safe_load(SHIPPED)
    read(yaml.safe_dump(content | {name: value}).encode())
    content["steps"][0]["minutes"] = value
    read(yaml.safe_dump(content).encode())


@pytest.mark.parametrize(
    "data",
    [b"a: &a [x]\nb: *a", b"[" * 50_000, b"x" * 200_000, b"id: !!python/object:os.system x",
     b"? [a]\n: b", b"version: 99999999999999999999" * 400],
)  # fmt: skip
def test_bombs_and_tricks_are_broken(data: bytes) -> None:
    with pytest.raises(PlaybookBroken):
        read_playbook("lost_device", data)


def test_another_id_and_a_step_twice_are_broken() -> None:
    content = yaml.safe_load(SHIPPED)
    for changed in (
        content | {"id": "other_one"},
        content | {"steps": [content["steps"][0], dict(content["steps"][0])]},
    ):
        with pytest.raises(PlaybookBroken, match="another id, or a step twice"):
            read_playbook("lost_device", yaml.safe_dump(changed).encode())
