"""The import contracts name every package there is, so that a new one cannot slip past them."""

from __future__ import annotations

import configparser

from tests.contracts.tree import LAB, PRODUCT, ROOT, domains, imported, name_of, python_files

FOLDERS = {path.parent.name for path in PRODUCT.glob("*/__init__.py")}


def contracts() -> configparser.ConfigParser:
    """The file as import-linter reads it."""
    found = configparser.ConfigParser()
    found.read(ROOT / ".importlinter", encoding="utf-8")
    return found


def lines(contract: str, key: str) -> list[str]:
    """The lines of one list of one contract."""
    return contracts()[f"importlinter:contract:{contract}"][key].split()


def test_a_package_that_exists_stands_in_the_order_without_brackets() -> None:
    words = set(lines("layers", "layers")) - {"|"}
    assert words >= FOLDERS
    assert {word.strip("()") for word in words if word.startswith("(")} & FOLDERS == set()


def test_the_order_is_the_designs() -> None:
    order = [word.strip("()") for word in lines("layers", "layers") if word != "|"]
    assert order == [
        "cli", "config", "web", "overview", "governance", "incidents", "response", "detection", "exchange",
        "rollout", "access", "posture", "fleet", "policy", "pki", "practice", "ledger", "spine", "gate",
        "protocols", "kernel",
    ]  # fmt: skip


def test_every_domain_is_protected_but_for_its_door() -> None:
    wirings = {"pocketward.config.apps", "pocketward.config.asgi"}
    for domain in domains():
        assert lines(f"door-{domain}", "type") == ["protected"]
        assert lines(f"door-{domain}", "protected_modules") == [f"pocketward.{domain}"]
        assert lines(f"door-{domain}", "allowed_importers") == [f"pocketward.{domain}"]
        ignored = lines(f"door-{domain}", "ignore_imports")
        pairs = set(zip(ignored[0::3], ignored[2::3], strict=True))
        doors = {("pocketward.**", f"pocketward.{domain}.{name}") for name in ("api", "events", "errors")}
        assert doors <= pairs
        for importer, target in pairs - doors:
            is_migration = importer == "pocketward.*.migrations.*" and domain == "spine"
            assert is_migration or importer in wirings, (importer, target)


def test_the_lab_knows_the_wire_and_the_clock_and_nothing_else_of_the_product() -> None:
    allowed = ("pocketward.protocols", "pocketward.kernel.clock")
    strange = {
        f"{name_of(path)}: {name}"
        for path in python_files("lab")
        for name in imported(path)
        if name.startswith("pocketward.") and not f"{name}.".startswith(tuple(f"{one}." for one in allowed))
    }
    assert LAB.is_dir()
    assert strange == set()


def test_entries_of_catalogues_import_no_models_when_they_are_loaded() -> None:
    from tests.contracts.catalogues import CATALOGUES

    for catalogue in CATALOGUES:
        for path in catalogue.files():
            assert not any(".models" in name for name in imported(path)), name_of(path)
