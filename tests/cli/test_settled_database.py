"""The database of a restored home is written where its settings are, and nothing else is touched."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketward.cli.archive import BackupRefused
from pocketward.cli.settled_database import with_values

FILE = """# Our clinic
people_url = "https://pocketward.example.org"

[database]  # on the old machine
engine = "postgresql"
name = "pocketward"  # 2025
# port = 1

[mail]
name_of_nothing = 1
"""


def test_the_line_is_replaced_and_comments_and_other_settings_stay() -> None:
    made = with_values(FILE, {"name": "pocketward_new", "port": 5433})
    assert tomllib.loads(made)["database"] == {
        "engine": "postgresql", "name": "pocketward_new", "port": 5433
    }  # fmt: skip
    assert [line for line in FILE.splitlines() if line not in made.splitlines()] == [
        'name = "pocketward"  # 2025'
    ]


@pytest.mark.parametrize(
    "file",
    ["", "a = 1", "[mail]\nhost = 'x'\n", "[database]\n", "a = 1\n[database]\n\n\n", "database.port = 1"],
)
@given(name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12))
def test_any_name_is_read_back_from_a_file_that_had_none(file: str, name: str) -> None:
    read = tomllib.loads(with_values(file, {"name": name}))
    before = tomllib.loads(file)
    assert read == {**before, "database": {**before.get("database", {}), "name": name}}


def test_names_that_are_written_out_are_replaced_where_they_stand() -> None:
    made = with_values(
        "a = 1\ndatabase.name = 'old'\ndatabase.port = 1\n[mail]\n", {"name": "new", "port": 2}
    )
    assert made == 'a = 1\ndatabase.name = "new"\ndatabase.port = 2\n[mail]\n'


@pytest.mark.parametrize(
    "file",
    [
        "database = { name = 'old' }",
        "database . name = 'old'",
        "[database]\n'name' = 'old'",
        'words = """\n[database]\n"""\n',
        '[database]\nname = """\nold"""\n',
    ],
)
def test_a_file_of_another_shape_is_refused_and_not_guessed_at(file: str) -> None:
    tomllib.loads(file)
    with pytest.raises(BackupRefused, match="cannot be changed by itself"):
        with_values(file, {"name": "new"})
