"""The CSV of people: all rows or none, whatever is in it."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketward.practice import api as practice_api
from pocketward.practice.errors import BadPeopleFile, PracticeError
from pocketward.practice.people import LONGEST
from pocketward.practice.people_csv import COLUMNS, import_people, read_people
from pocketward.practice.records import PracticeRecord
from pocketward.practice.roles import ASSIGNABLE
from pocketward.spine.api import practice_scope
from tests.factories.hostile import EDITS, FEW, FEWER, mutated

GOOD = (
    b"full_name,email,phone,job_title,language,roles\r\n"
    b'Ana Ejemplo,ana@example.org,555-0101,"Nurse, night",es,clinician\r\n'
    b"Ben Sample,BEN@example.org,,,en,clinician;it_lead\r\n"
)
Row = dict[str, str]

# Letters, and whatever a CSV file gives a meaning to; a cell is kept without the spaces around it.
WORDS = st.text("aZñ字 ,;\"'.0", max_size=30).map(str.strip)
PERSON: Any = st.fixed_dictionaries(
    {
        "full_name": WORDS.filter(bool),
        "email": st.sampled_from(["", "a@example.org", "B.C+d@EXAMPLE.org"]),
        "phone": st.sampled_from(["", "555-0101", "+1 (555) 010-1234"]),
        "job_title": WORDS,
        "language": st.sampled_from(["", "en", "es"]),
        "roles": st.lists(st.sampled_from(ASSIGNABLE), max_size=2).map("; ".join),
    }
)
DIALECTS = st.fixed_dictionaries(
    {"lineterminator": st.sampled_from(["\n", "\r\n"]),
     "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])}
)  # fmt: skip


def written(people: list[Row], columns: list[str], dialect: dict[str, Any], mark: bytes) -> bytes:
    """A file with these columns, as a spreadsheet saves it."""
    text = io.StringIO(newline="")
    rows = csv.DictWriter(text, columns, extrasaction="ignore", restval="x", **dialect)
    rows.writeheader()
    rows.writerows(people)
    return mark + text.getvalue().encode()


def cells(text: str) -> list[list[str]] | None:
    """The lines of a CSV file by RFC 4180, read without the csv module; None for what breaks its rules."""
    lines: list[list[str]] = [[]]
    place = 0
    while place < len(text):
        found = re.compile('(?:"((?:[^"]|"")*)"|([^",\r\n][^,\r\n]*|))(,|\r\n|\n|\r|$)').match(text, place)
        if found is None:
            return None
        quoted, plain, end = found.groups()
        lines[-1].append(plain if quoted is None else quoted.replace('""', '"'))
        place = found.end()
        if end == "," and place == len(text):
            lines[-1].append("")
        elif end and end != ",":
            lines.append([])
    return [line for line in lines if line not in ([], [""])]


def meant(data: bytes) -> list[Row] | None:
    """What the bytes of a file say, whether or not it may be kept."""
    lines = cells(data.decode("utf-8-sig", "replace"))
    if not lines:
        return None
    header, *rows = lines
    if any(any(row[len(header) :]) for row in rows):
        return None
    found = [dict(zip(header, row, strict=False)) for row in rows]
    return [{name: row.get(name, "").strip() for name in COLUMNS} for row in found]


def read(data: bytes) -> None:
    """Read it; what comes out is what the bytes say, and can be kept."""
    try:
        rows = read_people(data)
    except BadPeopleFile:
        return
    assert rows == meant(data)
    for row in rows:
        assert all(len(row[name]) <= most and "\0" not in row[name] for name, most in LONGEST.items())
        assert row["full_name"]
        assert set(re.split("[ ;,]+", row["roles"].lower())) <= {*ASSIGNABLE, ""}


@FEWER
@given(
    st.lists(PERSON, min_size=1, max_size=4),
    st.permutations([*COLUMNS, "shoe_size"]),
    st.integers(1, 7),
    DIALECTS,
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    EDITS,
)
def test_whatever_people_are_written_they_are_read_and_a_mutated_file_as_what_it_says_or_refused(
    people: list[Row],
    columns: list[str],
    many: int,
    dialect: dict[str, Any],
    mark: bytes,
    edits: list[tuple[int, int, int]],
) -> None:
    named = list(dict.fromkeys(["full_name", *columns[:many]]))
    data = written(people, named, dialect, mark)
    assert read_people(data) == [
        {name: person[name] if name in named else "" for name in COLUMNS} for person in people
    ]
    read(mutated(data, edits))


@FEW
@given(st.binary(max_size=500))
def test_any_bytes_are_what_they_say_or_refused(data: bytes) -> None:
    read(data)
    read(b"full_name,email\n" + data)


@FEW
@given(st.text(max_size=300) | st.text('aZ",; \r\n', max_size=20))
def test_any_text_is_what_it_says_or_refused(text: str) -> None:
    read(f"full_name,roles,phone\n{text}".encode(errors="replace"))


@FEW
@given(EDITS)
def test_a_mutated_file_is_what_it_says_or_refused(edits: list[tuple[int, int, int]]) -> None:
    assert read_people(GOOD) == meant(GOOD)
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
        (b"full_name,phone,job_title\nAna, RN,555-0101,Nurse\n", "Row 2: there are more cells than columns"),
        (b"full_name,email,email\nAna,a@example.org,\n", "names the column email twice"),
        (b"full_name" + b"," * 100 + b"\nAna\n", "more than 100 columns"),
        (b'full_name,job_title\nAna,"Nurse\nBen,Doctor\n', "is opened and not closed"),
        (b'full_name,job_title\nAna,"Nurse" night\n', "not a CSV file"),
    ],
)
def test_a_fault_is_named(data: bytes, fault: str) -> None:
    with pytest.raises(BadPeopleFile, match=fault):
        read_people(data)


def test_a_row_may_end_in_empty_cells_as_spreadsheets_leave_them() -> None:
    (row,) = read_people(b"full_name,phone,,\nAna Ejemplo,555-0101,,,,\n")
    assert (row["full_name"], row["phone"]) == ("Ana Ejemplo", "555-0101")


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
