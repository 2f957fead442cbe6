"""The lab's page wears the product's colors, from a file of its own: its wheel stands alone."""

from __future__ import annotations

from pathlib import Path

import devicelab

import pocketward.web


def test_the_labs_tokens_are_the_products() -> None:
    theirs = Path(devicelab.__file__).parent / "static" / "tokens.css"
    ours = Path(pocketward.web.__file__).parent / "static" / "pw" / "tokens.css"
    assert theirs.read_bytes() == ours.read_bytes()
