"""Tables of two planes: whose each row is, what it may point at, what keeps it in its practice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from pocketward.spine.api import PlainPracticeModel, PracticeModel
from pocketward.spine.errors import ScopeMissing
from pocketward.spine.identity_plane import IDENTITY_PLANE, TableInNoPlane, refuse_tables_in_no_plane
from pocketward.spine.practice_rules import practice_models
from tests.contracts.test_import_contracts import lines

OURS = [model for model in apps.get_models() if model.__module__.startswith("pocketward.")]
OWNED = practice_models()
# Where keys from other packages may lead.
ROOTS = {"practice.Account", "practice.Practice", "practice.WorkforceMember", "fleet.Device"}
BELOW_PRACTICE = ("spine", "ledger", "gate")
ORDER = [word.strip("()") for word in lines("layers", "layers")]
# What may be unique over all practices: secrets (looked up before there is a scope), slugs, and the host
# names that the gate answers for: two practices that claim one would shut each other.
SECRETS_AND_SLUGS = {
    "fleet.Enrollment.ticket_digest", "pki.Challenge.digest", "access.GateSession.token_hash",
    "access.OneTimeCode.digest", "access.AppHost.host",
}  # fmt: skip


def keys(model: type[models.Model]) -> Iterator[models.ForeignKey]:
    """The foreign keys of a model."""
    return (field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey))


ALL_KEYS = [(model, key) for model in OURS for key in keys(model)]


def label(pair: object) -> str:
    """A short name for a parametrized test."""
    if isinstance(pair, models.ForeignKey):
        return pair.name
    return pair._meta.label if isinstance(pair, type) and issubclass(pair, models.Model) else str(pair)


@pytest.mark.parametrize(("model", "key"), ALL_KEYS, ids=label)
def test_a_key_protects_what_it_points_at_and_gives_it_no_way_back(
    model: type[models.Model], key: models.ForeignKey
) -> None:
    assert key.remote_field.on_delete is models.PROTECT
    assert key.remote_field.related_name == "+"


@pytest.mark.parametrize(("model", "key"), ALL_KEYS, ids=label)
def test_a_key_into_another_package_points_down_and_at_a_root(
    model: type[models.Model], key: models.ForeignKey
) -> None:
    mine, theirs = model._meta.app_label, key.related_model._meta.app_label
    assert mine not in BELOW_PRACTICE
    if mine != theirs:
        assert ORDER.index(theirs) > ORDER.index(mine), "it points up the order"
        assert key.related_model._meta.label in ROOTS


def test_no_table_joins_two_others_by_itself() -> None:
    joined = [model._meta.label for model in OURS if model._meta.many_to_many]
    assert joined == []


@pytest.mark.parametrize("model", OWNED, ids=label)
def test_a_practices_row_always_names_its_practice(model: type[models.Model]) -> None:
    column = model._meta.get_field("practice_id")
    assert not column.null
    plain = model._meta.app_label in BELOW_PRACTICE
    assert issubclass(model, PlainPracticeModel if plain else PracticeModel)
    assert isinstance(column, models.UUIDField if plain else models.ForeignKey)


@pytest.mark.parametrize("model", OWNED, ids=label)
def test_the_practice_is_part_of_everything_unique_but_secrets_and_slugs(model: type[models.Model]) -> None:
    for field in model._meta.concrete_fields:
        if field.unique and not field.primary_key:
            assert f"{model._meta.label}.{field.name}" in SECRETS_AND_SLUGS
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            names = {*constraint.fields, *(str(one) for one in constraint.expressions)}
            assert names & {"practice", "practice_id", "F(practice)"}, constraint.name
    assert not model._meta.unique_together


@pytest.mark.parametrize("model", OWNED, ids=label)
def test_no_manager_of_a_practices_rows_answers_without_a_scope(model: type[models.Model]) -> None:
    for manager in (model._default_manager, model._base_manager, *model._meta.managers):
        with pytest.raises(ScopeMissing):
            manager.all()
        with pytest.raises(ScopeMissing):
            manager.create()


def test_every_table_is_in_one_plane_and_the_shared_ones_are_listed() -> None:
    refuse_tables_in_no_plane()
    assert {model._meta.label for model in OWNED}.isdisjoint(IDENTITY_PLANE)


def test_a_table_in_no_plane_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pocketward.spine.identity_plane.IDENTITY_PLANE", IDENTITY_PLANE - {"auth.Group"})
    with pytest.raises(TableInNoPlane, match=r"auth\.Group"):
        refuse_tables_in_no_plane()
