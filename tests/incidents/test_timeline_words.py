"""What a case's timeline says is a sentence, whatever its values are."""

from __future__ import annotations

from string import Formatter
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketward.incidents.frozen import frozen_words
from pocketward.incidents.timeline import SENTENCES, _moment

WORDS = st.sampled_from(("", " ", "lock", "waiting for the phone.", "Done."))


@pytest.mark.parametrize("kind", sorted(SENTENCES))
@given(data=st.data())
def test_every_line_begins_with_a_capital_and_ends_with_a_word(kind: str, data: st.DataObject) -> None:
    names = {name for _, name, _, _ in Formatter().parse(SENTENCES[kind]) if name}
    values = {name: data.draw(WORDS) for name in sorted(names | {"step"})}
    said = _moment(
        {
            **values,
            "kind": kind,
            "occurred_at": "2026-11-19T19:32:00.000000Z",
            "seq": 1,
            "doors": [],
            "request_type": "SecurityInfo",
        },
        "case_1",
    ).sentence
    assert said[:1] == said[:1].upper() != " "
    assert "  " not in said
    assert not said.endswith((" ", ":"))


def test_a_work_app_is_called_by_its_name_where_the_phone_told_it() -> None:
    state = {
        "managed_apps": {"value": [{"identifier": "org.example.chart"}, {"identifier": "org.example.notes"}]},
        "installed_apps": {"value": [{"identifier": "org.example.chart", "name": "Chart", "version": "2"}]},
    }
    ((_phone, lines),) = frozen_words(frozen={uuid4(): {"state": state}}, local=str)
    assert dict(lines)["Work apps on it"] == "Chart, org.example.notes"
