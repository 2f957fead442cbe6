"""Playbooks are data: read once at the start, and whatever is broken in one is said and refused."""

from __future__ import annotations

import io
from importlib import resources

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from pocketward.practice.api import PracticeRecord
from pocketward.response import api as response_api
from pocketward.response.errors import PlaybookBroken
from pocketward.response.playbook import read_playbook

TEXT = (resources.files("pocketward.response") / "playbooks" / "lost_device.yaml").read_text(encoding="utf-8")


def changed(**fields: object) -> str:
    content = yaml.safe_load(TEXT)
    content["steps"][0].update(fields)
    return yaml.safe_dump(content)


def test_every_playbook_of_the_folder_is_read() -> None:
    plans = response_api.playbooks()
    assert [plan.id for plan in plans] == ["lost_device"]
    assert all(step.offline for plan in plans for step in plan.steps)


def test_the_safest_step_comes_first_and_the_erase_after_every_reversible_one() -> None:
    order = [step.id for step in response_api.playbook("lost_device").steps]
    assert order[:3] == ["close_records", "tell_officers", "confirm"]
    assert order.index("erase") > order.index("confirm")


@pytest.mark.parametrize(
    "text",
    [
        changed(minutes=-1), changed(who="anybody"), changed(binding="device.erase_all"), changed(extra="x"),
        changed(id="tell_officers"), TEXT.replace("id: lost_device", "id: another_name"), "", "[]", "a: [",
        "&a [*a]", TEXT * 40,
    ],
)  # fmt: skip
def test_a_broken_playbook_is_refused(text: str) -> None:
    with pytest.raises(PlaybookBroken):
        read_playbook("lost_device", text.encode())


def test_a_playbook_that_is_not_there_is_refused() -> None:
    with pytest.raises(PlaybookBroken):
        response_api.playbook("no_such_thing")


@settings(deadline=None)
@given(text=st.text(max_size=400) | st.text(alphabet="-:[]{}&*!|>'\"#% \n\tabc0", max_size=120))
def test_any_text_is_a_playbook_or_broken_and_nothing_else(text: str) -> None:
    with pytest.raises(PlaybookBroken):
        read_playbook("lost_device", text.encode())


@given(at=st.integers(0, len(TEXT) - 1), letter=st.characters(codec="utf-8"))
def test_one_wrong_letter_gives_a_playbook_or_a_refusal(at: int, letter: str) -> None:
    text = TEXT[:at] + letter + TEXT[at + 1 :]
    try:
        plan = read_playbook("lost_device", text.encode())
    except PlaybookBroken:
        return
    assert plan.steps


def test_the_printed_steps_hold_every_step_and_the_numbers_to_call(practice: PracticeRecord) -> None:
    plan = response_api.playbook("lost_device")
    data = response_api.playbook_pdf(plan, practice=practice)
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())
    for step in plan.steps:
        assert step.title in text
    assert data == response_api.playbook_pdf(plan, practice=practice)
