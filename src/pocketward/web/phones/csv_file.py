"""The list as a CSV file. Cells that a spreadsheet would run as a formula are quoted."""

import csv
import io
from collections.abc import Iterable

from pocketward.web.components.clock import Clock
from pocketward.web.components.words import word
from pocketward.web.phones.list_pages import PhoneRow

COLUMNS = ("phone", "status", "reason", "person", "kind", "owner", "last_heard_utc")
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_of(rows: Iterable[PhoneRow], clock: Clock) -> str:
    """Rows as CSV with a header; times in UTC, ISO 8601."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        heard = row.heard_at.isoformat(timespec="seconds") if row.heard_at else ""
        cells = (row.name, word(row.status), row.reason, row.person, row.kind, row.ownership, heard)
        writer.writerow([harmless(cell) for cell in cells])
    return text.getvalue()


def harmless(cell: str) -> str:
    """The cell with a quote before anything a spreadsheet would run."""
    return f"'{cell}" if cell.startswith(_RUN_BY_SPREADSHEETS) else cell
