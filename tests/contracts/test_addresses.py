"""The addresses the product answers at: of a demo, there is the one-time sign-in link and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.contracts.tree import name_of, python_files, text_of

# The page that spends it lives in web; the link itself is made by `pocketward demo`.
DEMO = {"demo/<str:secret>"}


def addresses(found: URLResolver, before: str = "") -> Iterator[str]:
    """Every pattern of the product, from its root."""
    for item in found.url_patterns:
        text = before + str(item.pattern)
        if isinstance(item, URLPattern):
            yield text
        else:
            yield from addresses(item, text)


def test_a_demo_has_one_address_of_its_own() -> None:
    words = ("demo", "lab", "clock", "test", "debug", "simulat")
    found = {one for one in addresses(get_resolver()) if any(word in one.split("/")[0] for word in words)}
    assert found == DEMO


def test_no_address_moves_the_clock_or_makes_a_world() -> None:
    movers = ("write_offset", "set_offset_file", "be_born")
    pages = [
        path for path in python_files("src/pocketward/web", "src/pocketward/access", "src/pocketward/fleet")
    ]
    assert [name_of(path) for path in pages if any(word in (text_of(path) or "") for word in movers)] == []
