"""The exposure worksheet, the written decision, and the document that holds both."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from pypdf import PdfReader

from pocketward.access import api as access_api
from pocketward.incidents import api as incidents_api
from pocketward.incidents.errors import IncidentsError, NotYours
from pocketward.kernel import clock, crypto
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.web.phones.models import model_words
from tests.response.conftest import answer, bodies, confirm, drain, reverse, step
from tests.web.clinic import Clinic

REASON = "Encrypted behind a passcode, and nobody opened records after it was lost."


def printed_of(case: incidents_api.CaseRecord, *, ledger: str = "") -> bytes:
    """The document, with models named as pages do."""
    return incidents_api.incident_pdf(case, ledger=ledger, model=model_words)


def opened(case_ref: str) -> incidents_api.CaseRecord:
    return incidents_api.get_case(case_ref=case_ref)


@pytest.mark.parametrize(
    ("when", "printed"),
    [
        ("now", "just before the report"), ("today", "earlier that day"), ("earlier", "before that day"),
        ("unknown", "not told"), ("", "not told"), ("yesterday", "not told"),
    ],
)  # fmt: skip
def test_when_it_was_last_had_is_printed_as_told_and_never_made_up(
    practice: PracticeRecord, phone: UUID, when: str, printed: str
) -> None:
    case_ref = response_api.report_loss(
        practice_id=practice.id, said="Ben Sample", when_seen=when, callback="", network="n" * 64
    )
    drain()
    pdf = printed_of(opened(case_ref), ledger="nothing sealed yet")
    said = " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
    assert f"Last had it {printed}" in said


def test_it_counts_as_a_breach_until_the_privacy_officer_decides_in_writing(
    case: str, owner: Member, second: Member
) -> None:
    assert opened(case).verdict == "presumed_breach"
    with pytest.raises(IncidentsError, match="Decide first"):
        incidents_api.close_case(case_ref=case, by_member_id=owner.id)
    with pytest.raises(NotYours):
        incidents_api.decide_breach(
            case_ref=case, verdict="low_probability", reason=REASON, by_member_id=second.id
        )
    with pytest.raises(IncidentsError):
        incidents_api.decide_breach(
            case_ref=case, verdict="low_probability", reason="no", by_member_id=owner.id
        )
    incidents_api.decide_breach(
        case_ref=case, verdict="low_probability", reason=REASON, by_member_id=owner.id
    )
    decided = opened(case)
    assert (decided.verdict, decided.verdict_by) == ("low_probability", f"member:{owner.id}")


def test_an_open_case_is_decided_anew_and_every_reason_is_kept_and_a_closed_one_is_not(
    practice: PracticeRecord, case: str, owner: Member
) -> None:
    first = "The notes were open on it when it went."
    for verdict, reason in (("breach", first), ("low_probability", REASON), ("low_probability", REASON)):
        incidents_api.decide_breach(case_ref=case, verdict=verdict, reason=reason, by_member_id=owner.id)
    decided = opened(case)
    assert (decided.verdict, decided.verdict_reason) == ("low_probability", REASON)
    kept = incidents_api.decisions(case_id=decided.id)
    assert [(item.verdict, item.reason) for item in kept] == [("breach", first), ("low_probability", REASON)]
    told = bodies(practice, case, "incidents.breach_decided")
    assert [(event["verdict"], event["reason_commitment"]) for event in told] == [
        (item.verdict, item.commitment) for item in kept
    ]
    assert kept[1].commitment == crypto.hmac_sha256(kept[1].reason_key, REASON.encode()).hex()
    assert kept[0].reason_key != kept[1].reason_key
    incidents_api.close_case(case_ref=case, by_member_id=owner.id)
    with pytest.raises(IncidentsError, match="closed"):
        incidents_api.decide_breach(case_ref=case, verdict="breach", reason=first, by_member_id=owner.id)
    assert opened(case).verdict == "low_probability"
    assert len(incidents_api.decisions(case_id=decided.id)) == 2
    data = printed_of(opened(case), ledger="")
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())
    before = text.index("Decided before, and replaced")
    assert text.index(REASON) < before < text.index(first, before)


def test_no_event_says_a_word_of_the_written_reason_and_a_long_one_is_refused(
    practice: PracticeRecord, case: str, owner: Member
) -> None:
    patient = "Patient Quentin Beispiel was in the notes that were open."
    with pytest.raises(IncidentsError, match="at most 500 letters"):
        incidents_api.decide_breach(case_ref=case, verdict="breach", reason="x" * 501, by_member_id=owner.id)
    assert opened(case).verdict == "presumed_breach"
    incidents_api.decide_breach(case_ref=case, verdict="breach", reason=patient, by_member_id=owner.id)
    drain()
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM spine_event")
        everything = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert b"incidents.breach_decided" in everything
    assert b"Beispiel" not in everything
    told = [moment.sentence for moment in incidents_api.timeline(opened(case))]
    assert "Decided: breach" in told


def test_the_worksheet_is_filled_from_frozen_facts_and_unknown_is_an_answer(
    practice: PracticeRecord, case: str, owner: Member
) -> None:
    rows = {row.question: row for row in incidents_api.worksheet(case_id=opened(case).id)}
    assert (rows["passcode"].answer, rows["passcode"].source) == ("yes", "the phone itself (SecurityInfo)")
    assert rows["records_open"].answer == "no"
    assert (rows["unlocked"].answer, rows["unlocked"].answered_by) == ("unknown", "system:incidents")
    incidents_api.answer(
        case_id=opened(case).id,
        question="stolen",
        answer="yes",
        detail="From a car.",
        by_member_id=owner.id,
    )
    incidents_api.complete_worksheet(case_id=opened(case).id, by_member_id=owner.id)
    after = {row.question: row for row in incidents_api.worksheet(case_id=opened(case).id)}
    assert (after["unlocked"].answer, after["unlocked"].answered_by) == ("unknown", f"member:{owner.id}")
    assert (after["stolen"].answer, after["stolen"].detail) == ("yes", "From a car.")
    assert after["passcode"].answered_by == "system:incidents"
    assert step(practice, case, "exposure").state == "done"


def test_the_worst_of_several_phones_is_the_answer(
    practice: PracticeRecord, clinic: Clinic, clinician: Member, phone: UUID
) -> None:
    other = clinic.phone("Ben’s old iPhone", member=clinician)
    clinic.report(other, passcode_present=False)
    case_ref = clinic.lose("Ben Sample")
    drain()
    rows = {row.question: row.answer for row in incidents_api.worksheet(case_id=opened(case_ref).id)}
    assert (rows["passcode"], rows["passcode_strong"]) == ("no", "yes")
    clinic.phone("Ben’s third iPhone", member=clinician)
    silent = clinic.lose("Ben Sample")
    drain()
    # One of which nothing is known: a known no still wins, a yes of the others does not.
    with_gap = {row.question: row.answer for row in incidents_api.worksheet(case_id=opened(silent).id)}
    assert (with_gap["passcode"], with_gap["encrypted"]) == ("no", "no")
    assert with_gap["passcode_strong"] == "unknown"


@pytest.mark.parametrize(
    ("caps", "passcode", "word"),
    [(3, True, "yes"), (3, False, "no"), (1, True, "no"), (None, False, "no"), (1, None, "no"),
     (3, None, "unknown"), (None, True, "unknown")],
)  # fmt: skip
def test_worksheet_facts_and_advice_say_the_same_of_encryption(
    practice: PracticeRecord, clinic: Clinic, clinician: Member, owner: Member, second: Member,
    caps: int | None, passcode: bool | None, word: str,
) -> None:  # fmt: skip
    phone = clinic.phone("Ben’s iPhone 16", member=clinician)
    clinic.report(phone, hardware_encryption_caps=caps, passcode_present=passcode)
    case_ref = clinic.lose("Ben Sample")
    drain()
    rows = {row.question: row for row in incidents_api.worksheet(case_id=opened(case_ref).id)}
    assert rows["encrypted"].answer == word
    advice = response_api.erase_advice(case_ref=case_ref, device_id=phone)
    assert dict(advice.reasons)["Encrypted"] == word
    assert (advice.act == "wait") == (word == "yes")
    response_api.order_erase(case_ref=case_ref, device_id=phone, by_member_id=owner.id, strength="passkey")
    data = printed_of(opened(case_ref), ledger="")
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())
    assert set(re.findall(r"Encrypted:? (yes|no|unknown)", text)) == {word}
    assert f"Was what is on it encrypted? {word}" in text


def test_a_closed_cases_worksheet_stays_as_it_was(case: str, owner: Member) -> None:
    reverse(case, owner)
    drain()
    with pytest.raises(IncidentsError, match="closed"):
        incidents_api.answer(
            case_id=opened(case).id, question="stolen", answer="yes", detail="", by_member_id=owner.id
        )


def test_the_document_holds_the_facts_the_decisions_and_why(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member
) -> None:
    access_api.register_app(practice_id=practice.id, name="Mail", door="suite", by="system:test")
    confirm(case, second)
    answer(phone, "EnableLostMode")
    response_api.locate(case_ref=case, device_id=phone, reason="to fetch it", by_member_id=owner.id)
    response_api.order_erase(case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey")
    incidents_api.change_discovery(
        case_ref=case, at=clock.now() - timedelta(days=1), reason="The desk knew.", by_member_id=second.id
    )
    incidents_api.decide_breach(case_ref=case, verdict="breach", reason=REASON, by_member_id=owner.id)
    drain()
    data = printed_of(opened(case), ledger="31 entries, root ab12")
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())
    for words in (
        "Ben’s iPhone 16", "Ben Sample", "somebody without sign-in", "The desk knew.", "Passcode set",
        "We advised", "It is encrypted behind a passcode", "to fetch it (notice 1)", "Dana Example",
        "Last network", "Work apps on it", "org.example.chart", REASON, "31 entries, root ab12",
        "Grace Placeholder", "Was it stolen, rather than mislaid?",
    ):  # fmt: skip
        assert words in text, words
    assert data == printed_of(opened(case), ledger="31 entries, root ab12")


def test_words_that_look_like_markup_are_printed_as_they_are(
    practice: PracticeRecord, case: str, owner: Member
) -> None:
    nasty = '#panic("x") *bold* $x$ @preview/y:1.0 "quoted" \\ end of it'
    incidents_api.decide_breach(case_ref=case, verdict="breach", reason=nasty, by_member_id=owner.id)
    data = printed_of(opened(case), ledger="")
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())
    assert '#panic("x") *bold* $x$' in text
