"""Every page keeps the house rules of pages: no inline style or script, one filled button, plain words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import translation

import pocketward.web
from pocketward.web.components.render import html_of
from pocketward.web.components.symbols import symbols
from tests.web.samples import SAMPLES
from tests.web.shells import console_shell, staff_shell
from tests.web.staff_samples import STAFF_SAMPLES

WEB = Path(pocketward.web.__file__).parent
STATIC = WEB / "static"
NEVER_SAID = re.compile(
    r"\b(compliant|certified|guaranteed|please|oops|successfully|endpoint|remediate)\b|!", re.I
)


def console(name: str) -> str:
    section, template, make = SAMPLES[name]
    return html_of(template, make(), shell=console_shell(section))


def staff(name: str, language: str = "en") -> str:
    template, make = STAFF_SAMPLES[name]
    with translation.override(language):
        return html_of(template, make(), shell=staff_shell(language))


def words_of(html: str) -> str:
    body = re.sub(r"<(svg|head)\b.*?</\1>", " ", html, flags=re.S)
    return re.sub(r"<[^>]*>", " ", body)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_console_page_has_no_inline_style_or_script(name: str) -> None:
    html = console(name)
    assert " style=" not in html
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert re.findall(r"\son[a-z]+=", html) == []


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_console_page_has_one_statement_and_at_most_one_filled_button(name: str) -> None:
    html = console(name)
    assert html.count("<h1") == 1
    assert len(re.findall(r'class="[^"]*btn-primary', html)) <= 1


@pytest.mark.parametrize("name", sorted(STAFF_SAMPLES))
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_staff_page_is_light_and_runs_no_foreign_code(name: str, language: str) -> None:
    html = staff(name, language)
    css = sum((STATIC / "pw" / file).stat().st_size for file in ("tokens.css", "staff.css", "icon.svg"))
    script = (STATIC / "pw" / "passkey.js").stat().st_size if "passkey.js" in html else 0
    assert len(html.encode()) + css + script < 50_000
    assert " style=" not in html
    assert re.findall(r'(?:src|href)="(?:https?:)?//', html) == []
    assert ("<script" in html) == (name in ("sign-in", "passkey"))
    assert f'<html lang="{language}"' in html


@pytest.mark.parametrize("name", sorted(STAFF_SAMPLES))
def test_staff_pages_use_plain_words(name: str) -> None:
    assert NEVER_SAID.findall(words_of(staff(name))) == []


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_console_pages_use_plain_words(name: str) -> None:
    assert NEVER_SAID.findall(words_of(console(name))) == []


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_page_carries_exactly_the_icons_it_uses(name: str) -> None:
    html = console(name)
    used = set(re.findall(r'<use href="#([ig]-[a-z]+)"', html))
    declared = {icon for ids in re.findall(r'data-symbols="([^"]*)"', html) for icon in ids.split()}
    assert set(re.findall(r'<symbol id="([^"]+)"', html)) == used | declared
    assert used | declared <= set(symbols())


def test_no_staff_text_waits_for_its_translation() -> None:
    from pocketward.web import build_locale

    catalog = build_locale.read_catalog()
    catalog.update(build_locale.extracted(), no_fuzzy_matching=True)
    assert build_locale.missing(catalog) == []


def test_files_of_style_and_templates_stay_small() -> None:
    long = [
        str(file.relative_to(WEB))
        for pattern in ("**/*.py", "static/pw/**/*.css", "static/pw/**/*.js", "**/*.html")
        for file in WEB.glob(pattern)
        if file.read_text(encoding="utf-8").count("\n") > 400
    ]
    assert long == []
