"""Who may act inside the transaction of a fact, and what the rest must wait for."""

from __future__ import annotations

import importlib

from pocketward.config.apps import DOMAINS
from pocketward.spine import jobs, reactions
from tests.contracts.test_import_contracts import lines
from tests.contracts.tree import PRODUCT, called, domains, name_of, python_files


def test_the_chain_is_posture_and_then_access_and_nobody_else() -> None:
    assert reactions.chain_packages() == ("posture", "access")


def test_no_other_package_declares_handlers_inside_the_transaction() -> None:
    declared = [
        path.parent.name
        for path in sorted(PRODUCT.glob("*/handlers.py"))
        if getattr(importlib.import_module(f"pocketward.{path.parent.name}.handlers"), "IN_TRANSACTION", None)
    ]
    assert sorted(declared) == ["access", "posture"]
    assert {name_of(path) for path in python_files("src") if "reactions.add_chain" in called(path)} == {
        "src/pocketward/config/apps.py"
    }


def test_a_failed_chain_closes_the_device_and_then_access() -> None:
    owners = [fallback.__module__.split(".")[1] for fallback in reactions._fallbacks]
    assert owners == ["posture", "access"]


def test_more_than_64_events_caused_by_one_are_an_error() -> None:
    assert reactions.MOST_EVENTS == 64


def test_every_domain_is_wired_lowest_first() -> None:
    order = [word.strip("()") for word in lines("layers", "layers")]
    assert sorted(DOMAINS, key=order.index, reverse=True) == list(DOMAINS)
    assert {name for name in domains() if name != "spine"} <= set(DOMAINS)


def test_every_reaction_names_a_job_that_exists() -> None:
    named = {getattr(one, "kind", one) for found in reactions._reactions.values() for one in found}
    assert named <= set(jobs._specs)
    assert all(kind.partition(".")[0] in DOMAINS for kind in jobs._specs if not kind.startswith("test."))
