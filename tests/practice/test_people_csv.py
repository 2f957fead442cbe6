"""The CSV of people: all rows or none, whatever is in it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketward.practice import api as practice_api
from pocketward.practice.errors import BadPeopleFile, PracticeError
from pocketward.practice.people import LONGEST
from pocketward.practice.people_csv import COLUMNS, import_people, read_people
from pocketward.practice.records import PracticeRecord
from pocketward.spine.api import practice_scope
from tests.factories.hostile import EDITS, FEW, mutated

GOOD = (
    b"full_name,email,phone,job_title,language,roles\r\n"
    b'Ana Ejemplo,ana@example.org,555-0101,"Nurse, night",es,clinician\r\n'
    b"Ben Sample,BEN@example.org,,,en,clinician;it_lead\r\n"
)


def read(data: bytes) -> None:
    """Read it; what comes out can be kept."""
    with contextlib.suppress(BadPeopleFile):
        for row in read_people(data):
            assert set(row) == set(COLUMNS)
            assert all(len(row[name]) <= most and "\0" not in row[name] for name, most in LONGEST.items())
            assert row["full_name"]


@FEW
@given(st.binary(max_size=500))
def test_any_bytes_are_people_or_refused(data: bytes) -> None:
    read(data)
    read(b"full_name,email\n" + data)


@FEW
@given(st.text(max_size=300))
def test_any_text_is_people_or_refused(text: str) -> None:
    read(f"full_name,roles,phone\n{text}".encode(errors="replace"))


@FEW
@given(EDITS)
def test_a_mutated_file_is_people_or_refused(edits: list[tuple[int, int, int]]) -> None:
    read(mutated(GOOD, edits))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"x" * 1_000_001, "1 MB"),
        (b"full_name\n" + b"Ana\n" * 2_001, "2000 people"),
        (b"\xff\xfe", "UTF-8"),
        (b"name\nAna\n", "full_name"),
        (b"full_name\nA\0na\n", "Row 2"),
        (b"full_name,phone\nAna," + b"5" * 41, "Row 2: the phone"),
        (b"full_name,job_title\nAna," + b"5" * 81, "Row 2: the job_title"),
        (b"full_name\n" + b"A" * 121, "Row 2: the full_name"),
        (b"full_name,roles\nAna,king", "no role is called king"),
    ],
)
def test_a_fault_is_named(data: bytes, fault: str) -> None:
    with pytest.raises(BadPeopleFile, match=fault):
        read_people(data)


def test_nobody_is_added_when_one_row_is_bad(practice: PracticeRecord) -> None:
    with practice_scope(practice.id):
        before = len(practice_api.members(practice_id=practice.id))
        with pytest.raises(BadPeopleFile):
            import_people(practice_id=practice.id, data=GOOD + b",nobody\r\n", by="system:test")
        assert len(practice_api.members(practice_id=practice.id)) == before
        outcome = import_people(practice_id=practice.id, data=GOOD, by="system:test")
        assert outcome.added == ("Ana Ejemplo", "Ben Sample")


@pytest.mark.parametrize("column", sorted(LONGEST))
def test_a_person_is_refused_whose_words_no_column_holds(practice: PracticeRecord, column: str) -> None:
    person = {"full_name": "Ana", "email": "a@example.org"}
    for text in ("x" * (LONGEST[column] + 1), "a\0b"):
        with practice_scope(practice.id), pytest.raises(PracticeError):
            practice_api.add_member(practice_id=practice.id, by="system:test", **(person | {column: text}))


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "  =1"])
@pytest.mark.parametrize("column", ["full_name", "job_title", "email"])
def test_a_cell_that_a_spreadsheet_would_run_is_refused(cell: str, column: str) -> None:
    row = {"full_name": "Ana Ejemplo", "email": "ana@example.org"} | {column: f'"{cell}"'}
    data = f"{','.join(row)}\n{','.join(row.values())}\n".encode()
    with pytest.raises(BadPeopleFile) as refused:
        read_people(data)
    assert f"Row 2: the {column} is missing, too long, cannot be printed, or begins like a formula" in (
        refused.value.sentence
    )


def test_a_phone_number_begins_with_a_plus() -> None:
    (row,) = read_people(b"full_name,phone\nAna Ejemplo,+1 (555) 010-1234\n")
    assert row["phone"] == "+1 (555) 010-1234"
    with pytest.raises(BadPeopleFile):
        read_people(b"full_name,phone\nAna Ejemplo,+1+cmd\n")
