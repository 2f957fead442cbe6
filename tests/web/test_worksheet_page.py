"""The exposure worksheet: its answers, the decision, and nothing lost between the two."""

from __future__ import annotations

import re

from django.test import Client

from pocketward.incidents import api as incidents_api
from pocketward.practice.api import PracticeRecord
from tests.web.test_case_pages import case as case
from tests.web.test_case_pages import place


def test_the_worksheet_keeps_answers_and_the_privacy_officer_decides(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    sheet = place(practice, case, "exposure/")
    html = owners_browser.get(sheet).content.decode()
    assert "Presumed a breach until a named person decides otherwise" in html
    owners_browser.post(sheet, {"records_kept": "no", "note-records_kept": "The app keeps none."})
    opened = incidents_api.get_case(case_ref=case)
    kept = {row.question: row for row in incidents_api.worksheet(case_id=opened.id)}
    assert (kept["records_kept"].answer, kept["records_kept"].detail) == ("no", "The app keeps none.")
    short = owners_browser.post(place(practice, case, "decide/"), {"decision": "low", "reason": "no"})
    assert short.status_code == 400
    reason = "Encrypted behind a passcode, and nobody opened records after it was lost."
    owners_browser.post(place(practice, case, "decide/"), {"decision": "low", "reason": reason})
    assert incidents_api.get_case(case_ref=case).verdict == "low_probability"
    owners_browser.post(place(practice, case, "close/"))
    assert incidents_api.get_case(case_ref=case).state == "closed"


def test_what_was_typed_in_the_worksheet_is_never_lost_by_deciding(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    act, opened = place(practice, case, "decide/"), incidents_api.get_case(case_ref=case)
    typed = {"stolen": "no", "note-stolen": "It lay in the bus.", "decision": "low", "reason": "ok"}
    for fields, fault in (
        (typed, "Write down why: at least a sentence."),
        (typed | {"decision": ""}, "Choose what you decide."),
    ):
        refused = owners_browser.post(act, fields)
        assert refused.status_code == 400
        html = refused.content.decode()
        assert re.search(rf'class="field-error".*?{fault}', html)
        assert 'value="It lay in the bus."' in html
        assert 'name="stolen" value="no" checked' in html
        assert 'name="reason" maxlength="500" autocomplete="off" value="ok"' in html
        assert ('name="decision" value="low" checked' in html) is bool(fields["decision"])
    rows = {row.question: row for row in incidents_api.worksheet(case_id=opened.id)}
    assert rows["stolen"].answer == "unknown"
    saved = owners_browser.post(place(practice, case, "exposure/"), {"decision": "low", "reason": "Not yet."})
    assert 'value="Not yet."' in saved.content.decode()
    assert "0 answers kept." in saved.content.decode()
    reason = "Encrypted behind a passcode, and nobody opened records after it was lost."
    assert owners_browser.post(act, typed | {"reason": reason}).status_code == 302
    rows = {row.question: row for row in incidents_api.worksheet(case_id=opened.id)}
    assert (rows["stolen"].answer, rows["stolen"].detail) == ("no", "It lay in the bus.")
    assert incidents_api.get_case(case_ref=case).verdict == "low_probability"
