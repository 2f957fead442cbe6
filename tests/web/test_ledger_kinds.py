"""The ledger page shows the kinds asked for and no other; a kind that does not exist is not found."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest
from django.test import Client

from pocketward.ledger import api as ledger_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.web.components.words import word
from pocketward.web.decisions.building import MARKS
from pocketward.web.ledger.sentences import OUTCOMES
from pocketward.web.ledger.views import KINDS, PER_PAGE
from tests.access.browsing import browser
from tests.web.clinic import Clinic


def lines(page: Client, practice: PracticeRecord, kind: str) -> list[str]:
    """What the page says happened, newest first, of this kind."""
    answer = page.get(f"/p/{practice.slug}/proof/ledger/?kind={kind}")
    assert answer.status_code == 200
    found = re.findall(r'<td class="what">(.*?)</td>', answer.content.decode(), re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", text)) for text in found]


def test_a_build_that_never_was_is_one_detection_each_time_it_appears(
    practice: PracticeRecord, owner: Member, owners_browser: Client
) -> None:
    clinic = Clinic(practice)
    device = clinic.phone("Ben’s iPhone", member=owner)
    clinic.report(device)
    ledger_api.seal_pending()
    assert lines(owners_browser, practice, "detections") == []
    for build in ("23Z9999", "23Z9999", "23G83", "23Z9999"):
        clinic.report(device, build_version=build)
    ledger_api.seal_pending()
    said = (
        "Pocketward found a sign of tampering on Ben’s iPhone: its build 23Z9999 is none that Apple released"
    )
    found = lines(owners_browser, practice, "detections")
    assert len(found) == 2, found
    assert all(line.startswith(said) for line in found), found
    assert lines(owners_browser, practice, "posture.integrity_check_failed") == found


def test_enrollments_and_failed_sign_ins_stand_by_themselves(
    practice: PracticeRecord, owner: Member, owners_browser: Client
) -> None:
    Clinic(practice).phone("Ben’s iPhone", member=owner)
    browser().post("/sign-in/", {"email": "who@example.org", "password": "x", "code": "1"})
    ledger_api.seal_pending()
    assert lines(owners_browser, practice, "failed-sign-ins") == [
        "Someone without sign-in failed to sign in (password)"
    ]
    joined = lines(owners_browser, practice, "enrollments")
    assert "Ben’s iPhone joined" in joined
    assert not [line for line in joined if "sign" in line]
    assert lines(owners_browser, practice, "fleet.device_enrolled") == ["Ben’s iPhone joined"]
    everything = lines(owners_browser, practice, "all")
    assert set(joined) < set(everything)


@pytest.mark.parametrize("kind", ["fleet.device_enroled", "fleet.", "nonsense", "access.sign_in_failed "])
def test_a_kind_that_does_not_exist_is_not_found_and_not_everything(
    practice: PracticeRecord, owners_browser: Client, kind: str
) -> None:
    answer = owners_browser.get(f"/p/{practice.slug}/proof/ledger/", {"kind": kind})
    assert answer.status_code == 404


def test_every_pill_has_a_kind_of_its_own_to_show() -> None:
    from pocketward.web.ledger.sentences import known_kinds

    for label, starts in KINDS.values():
        for start in starts:
            assert any(kind.startswith(start) for kind in known_kinds()), (label, start)


def test_whoever_is_asked_to_sign_in_may_never_have_done_so_before() -> None:
    assert word(MARKS["reauthenticate"], "decision") == "Asked to sign in"
    assert OUTCOMES["reauthenticate"] == "asked to sign in"


def test_older_and_newer_keep_what_was_looked_for_whatever_its_letters(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    place = f"/p/{practice.slug}/proof/ledger/"
    for number in range(60):
        name = "Lee & Ray +1 #7=%20 " + "é" * (number % 3) + str(number)
        practice_api.add_member(practice_id=practice.id, full_name=name, by="system:test")
    while ledger_api.seal_pending():
        pass

    def page_at(address: str, word: str) -> tuple[list[str], str]:
        """The numbers of the entries, and where a link leads."""
        shown = owners_browser.get(f"{place}{address}").content.decode()
        link = re.search(rf'<a href="([^"]*)">{word}</a>', shown)
        return re.findall(r'<td class="seq num"><a href="([^"]+)"', shown), html.unescape(
            link[1]
        ) if link else ""

    question = "?" + urlencode({"kind": "practice.member_joined", "q": "& Ray +1 #7=%20"})
    first, older = page_at(question, "Older")
    assert len(first) == PER_PAGE
    second, none = page_at(older, "Older")
    assert (len(second), none) == (60 - PER_PAGE, "")
    assert not set(first) & set(second)
    _, newer = page_at(older, "Newer")
    assert page_at(newer, "Older") == (first, older)
