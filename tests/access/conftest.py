"""The clinic's parts as fixtures."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from pocketward.access import api as access
from pocketward.access import intake
from pocketward.practice.api import Member, PracticeRecord
from tests.access.clinic import Door, Phone, register_ehr


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's gate writes its decisions."""
    monkeypatch.setattr(intake, "decision_folder", lambda: tmp_path / "decisions")
    monkeypatch.setattr(intake, "_unsealed", None)
    return tmp_path / "decisions"


@pytest.fixture
def ehr(practice: PracticeRecord) -> UUID:
    """The clinic's record system."""
    access.prepare_practice(practice_id=practice.id, by="system:test")
    return register_ehr(practice)


@pytest.fixture
def door(ehr: UUID, folder: Path) -> Door:
    """Its door."""
    return Door(folder)


@pytest.fixture
def phone(practice: PracticeRecord, clinician: Member, ehr: UUID) -> Phone:
    """The clinician's healthy iPhone."""
    made = Phone(practice, clinician)
    made.report()
    return made
