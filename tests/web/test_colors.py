"""Every text color is readable on every ground, in all four themes; control borders can be seen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pocketward.web

TOKENS = (Path(pocketward.web.__file__).parent / "static/pw/tokens.css").read_text(encoding="utf-8")
TEXT = ("ink", "muted", "primary", "primary-deep", "ok", "fix", "closed", "silent", "unknown", "info")
GROUNDS = ("paper", "card", "sunken")
WASHED = ("ok", "fix", "closed", "silent", "unknown", "info")
THEMES = {
    "light": (":root {",),
    "dark": (":root {", ':root[data-theme="dark"] {'),
    "light, more contrast": (":root {", ':root[data-contrast="more"] {'),
    "dark, more contrast": (
        ":root {", ':root[data-theme="dark"] {', ':root[data-theme="dark"][data-contrast="more"] {',
    ),
}  # fmt: skip


def tokens(theme: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in THEMES[theme]:
        block = TOKENS.split("\n" + start, 1)[1].split("}", 1)[0]
        found.update(re.findall(r"--pw-([a-z-]+): (#[0-9A-Fa-f]{6});", block))
    return found


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_text_is_readable_on_every_ground(theme: str) -> None:
    color = tokens(theme)
    weak = [
        (text, ground) for text in TEXT for ground in GROUNDS if contrast(color[text], color[ground]) < 4.5
    ]
    assert weak == []


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_a_status_is_readable_on_its_wash(theme: str) -> None:
    color = tokens(theme)
    assert [name for name in WASHED if contrast(color[name], color[f"{name}-wash"]) < 4.5] == []


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_control_borders_can_be_seen(theme: str) -> None:
    color = tokens(theme)
    assert all(contrast(color["control"], color[ground]) >= 3 for ground in ("paper", "card"))
