"""A decision's page says who and why in plain words, and what failed before what passed."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from django.test import Client

from pocketward.access import api as access
from pocketward.access import intake
from pocketward.practice.api import Member, PracticeRecord
from tests.access.clinic import Door, Phone, register_ehr, sign_in


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_a_refusal_by_failed_checks_names_the_checks_and_who_asked(
    practice: PracticeRecord, clinician: Member, owners_browser: Client, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, is_signed_in: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(intake, "decision_folder", lambda: tmp_path / "decisions")
    monkeypatch.setattr(intake, "_unsealed", None)
    access.prepare_practice(practice_id=practice.id, by="system:test")
    app, door = register_ehr(practice), Door(tmp_path / "decisions")
    phone = Phone(practice, clinician)
    phone.report()
    token = sign_in(clinician, app, phone) if is_signed_in else ""
    phone.report(passcode_present=False)
    answer = door.ask(phone, token)
    door.hand_over()
    access.drain_decisions()
    place = f"/p/{practice.slug}/decisions/"
    page = html.unescape(owners_browser.get(f"{place}{answer.decision_id}/").content.decode())
    who = "Ben Sample" if is_signed_in else "Somebody on Phone SER1"
    assert f"{who} was refused at " in page
    heading = page[page.index("<h1") : page.index("</h1>")]
    assert "Failed: Encryption, Passcode." in heading
    facts = page[page.index("What was known at") :]
    assert facts.index("Failed") < facts.index("Passed")
    for raw in ("Quarantined", "Somebody unknown"):
        assert raw not in page
    listed = html.unescape(owners_browser.get(place).content.decode())
    assert who in listed
    assert "Somebody unknown" not in listed
