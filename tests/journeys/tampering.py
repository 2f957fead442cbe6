"""A home that somebody changed behind our back."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path


def edited_copy(home: Path, copy: Path) -> int:
    """Copy a home and edit one sealed row in the copy; the number of its entry."""
    shutil.copytree(home, copy, ignore=shutil.ignore_patterns("run", "*.nudge"))
    database = sqlite3.connect(copy / "db" / "pocketward.sqlite3")
    # By SQL, past everything of ours: one sealed row, whose number is to be named.
    ((index, edited),) = database.execute(
        'SELECT min(s."index"), count(*) FROM ledger_sealedentry s JOIN spine_event e USING (event_id) '
        "WHERE e.kind = 'practice.member_joined' AND instr(e.body, 'Carla')"
    ).fetchall()
    assert edited == 1
    database.execute(
        "UPDATE spine_event SET body = replace(body, 'Carla', 'Klara') WHERE kind = 'practice.member_joined'"
    )
    database.commit()
    database.close()
    return int(index)
