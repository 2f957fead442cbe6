"""Each domain has one door: keyword-only verbs, frozen records in and out, every function explained."""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from types import GenericAlias, UnionType
from typing import Any

import msgspec
import pytest
from django.db import models

from pocketward.kernel.errors import PocketwardError
from pocketward.spine.api import Event
from tests.contracts.tree import PRODUCT, domains, functions, name_of, parsed, python_files

# The ground under all domains is no domain: it hands out its base classes and decorators.
DOMAINS = tuple(name for name in domains() if name != "spine")


def doors(domain: str) -> Iterator[tuple[str, Any]]:
    """What a domain's api lets out, by name."""
    api = importlib.import_module(f"pocketward.{domain}.api")
    return ((name, getattr(api, name)) for name in api.__all__)


def verbs(domain: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The functions of a door."""
    return ((name, found) for name, found in doors(domain) if inspect.isfunction(found))


def parts(hint: Any) -> Iterator[Any]:
    """A type and everything it is made of."""
    yield hint
    if isinstance(hint, GenericAlias | UnionType) or typing.get_origin(hint) is not None:
        for inner in typing.get_args(hint):
            yield from parts(inner)


def hints_of(verb: Callable[..., Any]) -> dict[str, Any]:
    """The resolved annotations of a function; an unresolvable one raises NameError."""
    return typing.get_type_hints(inspect.unwrap(verb))


def is_frozen(kind: type) -> bool:
    """Whether nobody can change a value of this type, as far as its own fields go."""
    if is_dataclass(kind):
        return bool(kind.__dataclass_params__.frozen)  # type: ignore[attr-defined]
    if issubclass(kind, msgspec.Struct):
        return bool(kind.__struct_config__.frozen)
    return issubclass(kind, tuple)


@pytest.mark.parametrize("domain", domains())
def test_everything_at_a_door_is_explained_and_annotated(domain: str) -> None:
    for name, verb in verbs(domain):
        assert inspect.getdoc(verb), f"{domain}.{name} has no docstring"
        assert "return" in hints_of(verb), f"{domain}.{name} does not say what it returns"


@pytest.mark.parametrize("domain", DOMAINS)
def test_verbs_take_keywords_and_at_most_the_one_thing_they_are_about_by_position(domain: str) -> None:
    for name, verb in verbs(domain):
        by_position = [
            one.name
            for one in inspect.signature(verb).parameters.values()
            if one.kind is not inspect.Parameter.KEYWORD_ONLY
        ]
        assert len(by_position) <= 1, f"{domain}.{name} takes {by_position} by position"
        assert not any(one.endswith("id") for one in by_position), f"{domain}.{name} takes an id by position"


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_model_and_no_query_passes_a_door(domain: str) -> None:
    for name, verb in verbs(domain):
        for place, hint in hints_of(verb).items():
            for part in parts(hint):
                bare = typing.get_origin(part) or part
                is_row = isinstance(bare, type) and issubclass(bare, models.Model | models.QuerySet)
                assert not is_row, f"{domain}.{name}: {place} is {part}"
        result = hints_of(verb)["return"]
        assert result is not Any, f"{domain}.{name} may return anything"


@pytest.mark.parametrize("domain", DOMAINS)
def test_records_that_pass_a_door_are_frozen(domain: str) -> None:
    for name, verb in verbs(domain):
        for part in parts(hints_of(verb)["return"]):
            if isinstance(part, type) and part.__module__.startswith("pocketward."):
                assert is_frozen(part), f"{domain}.{name} returns {part.__name__}, which can be changed"
    for name, kind in doors(domain):
        if inspect.isclass(kind) and not issubclass(kind, PocketwardError):
            assert is_frozen(kind), f"{domain}.{name} can be changed"


def test_every_event_is_frozen_keyword_only_and_named_by_its_package() -> None:
    kinds: dict[str, str] = {}
    for domain in domains():
        if not (PRODUCT / domain / "events.py").exists() or domain == "spine":
            continue
        module = importlib.import_module(f"pocketward.{domain}.events")
        for event in vars(module).values():
            own = inspect.isclass(event) and issubclass(event, Event) and event.__module__ == module.__name__
            if own and not event.__name__.startswith("_"):
                assert is_frozen(event), event
                assert event.kind.partition(".")[0] == domain, event
                assert event.kind not in kinds, f"{event.kind} is {kinds[event.kind]} too"
                assert inspect.getdoc(event), event
                kinds[event.kind] = event.__name__
    assert len(kinds) > 40


def errors(root: type[PocketwardError] = PocketwardError) -> Iterator[type[PocketwardError]]:
    """Every class of error of the product, by its place in the family."""
    for below in root.__subclasses__():
        if below.__module__.startswith("pocketward."):
            yield below
            yield from errors(below)


def test_every_error_has_a_code_of_its_own_and_a_sentence_for_people() -> None:
    for domain in domains():
        importlib.import_module(f"pocketward.{domain}.errors")
    codes: dict[str, type] = {}
    for error in errors():
        own: Mapping[str, Any] = vars(error)
        assert "code" in own, f"{error.__module__}.{error.__name__} has no code of its own"
        assert error.code not in codes, f"{error.code}: {error} and {codes[error.code]}"
        assert error.sentence.endswith((".", "?")), error
        assert error.advice.endswith("."), error
        codes[error.code] = error


def test_each_domain_has_one_root_of_errors() -> None:
    for domain in DOMAINS:
        roots = [
            error
            for error in PocketwardError.__subclasses__()
            if error.__module__ == f"pocketward.{domain}.errors"
        ]
        assert len(roots) <= 1, (domain, roots)


def test_every_public_function_of_the_product_is_explained() -> None:
    import ast

    doors_too = ("endpoints.py", "api.py")
    silent = [
        f"{name_of(path)}:{node.name}"
        for path in python_files("src", "lab")
        for node in (functions(path) if path.name in doors_too else public(parsed(path)))
        if not node.name.startswith("_") and not ast.get_docstring(node) and len(node.body) > 1
    ]
    assert silent == []


def public(tree: Any) -> Iterator[Any]:
    """The functions that stand at the top of a module."""
    import ast

    return (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
