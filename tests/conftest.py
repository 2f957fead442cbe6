"""Settings for the run, and the fixtures that every domain's tests share."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

if TYPE_CHECKING:
    from pocketward.practice.api import Member, PracticeRecord
    from tests.factories.databases import Store
    from tests.factories.postgres import Cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A real PostgreSQL server: the whole run's, or one that the first test that asks for it starts."""
    from tests.factories.postgres import start_cluster
    from tests.factories.shared import shared_cluster

    cluster = shared_cluster() or start_cluster()
    try:
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, db: None, tmp_path: Path) -> Store:
    """Each kind of database in turn, for tests whose processes commit."""
    from tests.factories.databases import postgresql_store, sqlite_store

    if request.param == "sqlite":
        return sqlite_store(tmp_path / "home")
    return postgresql_store(tmp_path / "home", request.getfixturevalue("postgres"))


ON_POSTGRESQL = os.environ.get("POCKETWARD_DATABASE__ENGINE") == "postgresql"

if ON_POSTGRESQL:

    @pytest.fixture(scope="session")
    def django_db_setup() -> None:
        """Whoever started this run on PostgreSQL made and migrated its database."""

else:

    @pytest.fixture(scope="session")
    def django_db_keepdb() -> bool:
        """Where the whole run has migrated a file, this part's database begins as a copy of it."""
        from django.db import connection

        from tests.factories.shared import put_migrated_sqlite

        return put_migrated_sqlite(Path(connection.settings_dict["TEST"]["NAME"]))


# More than any test has practices: no two of a test share a key.
REGISTRATION_KEYS = 8


@pytest.fixture(scope="session", autouse=True)
def registration_keys() -> Iterator[None]:
    """The first practices' RSA keys, made as the product does, serve those of later tests as well."""
    from pocketward.pki import issuing

    make, made = issuing.new_registration_key, list[RSAPrivateKey]()

    def next_key() -> RSAPrivateKey:
        made.append(made.pop(0) if len(made) == REGISTRATION_KEYS else make())
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(issuing, "new_registration_key", next_key)
        yield


@pytest.fixture
def home() -> Path:
    """The home folder of this test run."""
    return Path(os.environ["POCKETWARD_HOME"])


@pytest.fixture
def installation(db: None) -> None:
    """A demo installation with its master key."""
    from pocketward.practice import api as practice_api
    from pocketward.spine.keys import forget_keys, make_master_key

    forget_keys()
    make_master_key()
    practice_api.be_born(world="demo")


@pytest.fixture
def practice(installation: None) -> Iterator[PracticeRecord]:
    """A practice, in scope for the test."""
    from pocketward.practice import api as practice_api
    from pocketward.spine.api import practice_scope

    made = practice_api.create_practice(name="Harbor Street Clinic", by="system:test")
    with practice_scope(made.id):
        yield made


@pytest.fixture
def owner(practice: PracticeRecord) -> Member:
    """An owner who is also the privacy officer."""
    from pocketward.practice import api as practice_api

    return practice_api.add_member(
        practice_id=practice.id,
        full_name="Dana Example",
        email="dana@example.org",
        role_names=("owner", "privacy_officer"),
        by="system:test",
    )


@pytest.fixture
def clinician(practice: PracticeRecord) -> Member:
    """A clinician."""
    from pocketward.practice import api as practice_api

    return practice_api.add_member(
        practice_id=practice.id,
        full_name="Ben Sample",
        email="ben@example.org",
        role_names=("clinician",),
        by="system:test",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browser walks come last: Playwright keeps an event loop running in the thread that started it."""
    if ON_POSTGRESQL:
        # What starts databases itself is run by the run that started this one.
        own = [item for item in items if {"store", "postgres"} & set(getattr(item, "fixturenames", ()))]
        config.hook.pytest_deselected(items=own)
        items[:] = [item for item in items if item not in own]
    items.sort(key=lambda item: "/browser/" in item.nodeid)


def pytest_collection_finish() -> None:
    """What is imported by now stays: no collection looks at it again, and fewer look at all."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
