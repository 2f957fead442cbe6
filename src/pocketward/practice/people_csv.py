"""CSV import of people: all rows or none, with every fault named by its row."""

from __future__ import annotations

import csv
import io
from collections.abc import Set
from itertools import islice
from uuid import UUID

from pocketward.practice import roles
from pocketward.practice.errors import BadPeopleFile
from pocketward.practice.people import LONGEST, add_member, is_email, members, unfit_text
from pocketward.practice.records import ImportOutcome
from pocketward.spine.api import unit_of_work

COLUMNS = ("full_name", "email", "phone", "job_title", "language", "roles")
MOST_BYTES = 1_000_000
MOST_ROWS = 2_000
MOST_COLUMNS = 100
UNCLOSED = 'a quote (") is opened and not closed.'


def read_people(data: bytes) -> list[dict[str, str]]:
    """The rows of a people file; BadPeopleFile names each row that cannot be used.

    UTF-8 (a byte-order mark is fine), a header with at least full_name, roles separated by spaces or `;`.
    Columns that nobody here knows are passed over; a row may not hold more than the header names, since an
    unquoted comma would move every cell behind it to another column.
    """
    if len(data) > MOST_BYTES:
        raise BadPeopleFile("Nothing was imported: the file is larger than 1 MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadPeopleFile("Nothing was imported: save the file as CSV UTF-8 and try again.") from error
    try:
        # Strict: a quoted cell that never ends would swallow the people behind it.
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        columns = reader.fieldnames or ()
        # Each row is filled up to the header's width: a megabyte of commas there would be one for every row.
        rows = list(islice(reader, MOST_ROWS + 1)) if len(columns) <= MOST_COLUMNS else []
    except csv.Error as error:
        why = UNCLOSED if "unexpected end of data" in str(error) else f"this is not a CSV file ({error})."
        raise BadPeopleFile(f"Nothing was imported: {why}") from error
    if len(columns) > MOST_COLUMNS:
        raise BadPeopleFile(f"Nothing was imported: the first line names more than {MOST_COLUMNS} columns.")
    if not rows or "full_name" not in rows[0]:
        raise BadPeopleFile("Nothing was imported: the first line must name the columns, with full_name.")
    if len(rows) > MOST_ROWS:
        raise BadPeopleFile(f"Nothing was imported: at most {MOST_ROWS} people at once.")
    doubled = [name for name in COLUMNS if list(columns).count(name) > 1]
    if doubled:
        raise BadPeopleFile(f"Nothing was imported: the first line names the column {doubled[0]} twice.")
    people = [{name: (row.get(name) or "").strip() for name in COLUMNS} for row in rows]
    faults = [
        f"Row {number}: there are more cells than columns; put text that holds a comma in quotes."
        for number, row in enumerate(rows, 2)
        if any(row.get(None, ()))
    ]
    faults += [fault for number, row in enumerate(people, 2) for fault in _faults(number, row)]
    if faults:
        raise BadPeopleFile("Nothing was imported. " + " ".join(faults[:10]))
    return people


def _role_names(row: dict[str, str]) -> list[str]:
    return row["roles"].replace(";", " ").replace(",", " ").lower().split()


def _faults(number: int, row: dict[str, str]) -> list[str]:
    faults = []
    unfit = [name for name in LONGEST if unfit_text(name, row[name])]
    if unfit or not row["full_name"].split():
        name = (unfit or ["full_name"])[0]
        faults.append(
            f"Row {number}: the {name} is missing, too long, cannot be printed, or begins like a formula."
        )
    if row["email"] and not is_email(row["email"]):
        faults.append(f"Row {number}: {row['email'][:40]} is not an e-mail address.")
    unknown = [name for name in _role_names(row) if name not in roles.ASSIGNABLE]
    if unknown:
        faults.append(f"Row {number}: no role is called {unknown[0][:30]}.")
    if row["language"] not in ("", "en", "es"):
        faults.append(f"Row {number}: the language is en or es.")
    return faults


@unit_of_work
def import_people(
    *, practice_id: UUID, data: bytes, by: str, without: Set[str] = frozenset()
) -> ImportOutcome:
    """Add the people of a CSV file; those whose e-mail is known already are left as they are.

    Roles `without` are not given, and told as left out: who may be an officer is not this domain's to judge.
    """
    everybody = members(practice_id=practice_id, with_left=True, with_technicians=True)
    known = {person.email.lower() for person in everybody if person.email}
    added, already, left_out = [], [], []
    for row in read_people(data):
        email = row["email"].lower()
        if email and email in known:
            already.append(row["full_name"])
            continue
        known.add(email)
        names = frozenset(_role_names(row))
        person = add_member(
            practice_id=practice_id, full_name=row["full_name"], email=email, phone=row["phone"],
            job_title=row["job_title"], language=row["language"] or "en", role_names=sorted(names - without),
            by=by,
        )  # fmt: skip
        added.append(row["full_name"])
        if names & without:
            left_out.append((person.id, names & without))
    return ImportOutcome(tuple(added), tuple(already), tuple(left_out))
