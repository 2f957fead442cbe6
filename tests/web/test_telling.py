"""A timeline tells a command in one line with its rungs, and says a repeated thing once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from pocketward.ledger.api import Entry
from pocketward.web.ledger.telling import told
from pocketward.web.names import Names
from pocketward.web.phones.models import model_words
from tests.web.worlds import CLOCK

PHONE = "019a0000-0000-7000-8000-000000000001"
NAMES = Names({}, {PHONE: "Ben’s iPhone"})
RUNG = "fleet.command_proof_advanced"


def entry(index: int, kind: str, **body: object) -> Entry:
    return Entry(
        index=index, event_id=UUID(PHONE), kind=kind, actor=f"device:{PHONE}",
        actor_name="", subject=f"device:{PHONE}", case_ref="", body={"device_id": PHONE, **body},
        occurred_at=CLOCK.now - timedelta(seconds=60 - index), redacted=False,
    )  # fmt: skip


def rung(index: int, proof: str) -> Entry:
    return entry(index, RUNG, command_id="c1", request_type="EnableLostMode", proof=proof)


def test_a_command_is_one_line_with_its_rungs_where_its_newest_stands() -> None:
    facts = [
        rung(8, "acknowledged"),
        entry(7, "fleet.device_enrolled"),
        rung(6, "delivered"),
        rung(5, "pushed"),
    ]
    lines = told(facts, NAMES, CLOCK, icons={}, key_kinds=("fleet.device_enrolled",), seconds=True)
    assert [line.text for line in lines] == ["Lost mode, Ben’s iPhone: acknowledged", "Ben’s iPhone joined"]
    assert lines[0].source.startswith("Pushed ")
    assert lines[0].source.index("delivered") < lines[0].source.index("acknowledged")
    assert lines[0].source.endswith("Entries 6, 7, 9")
    assert [line.key for line in lines] == [False, True]


def test_what_repeats_is_said_once_and_every_entry_is_named() -> None:
    facts = [entry(index, "fleet.device_state_reported") for index in (9, 8, 3)]
    (line,) = told(facts, NAMES, CLOCK, icons={}, key_kinds=())
    assert (line.text, line.source) == ("Ben’s iPhone reported its state", "Entries 4, 9, 10")


def test_a_model_is_called_by_its_name_or_by_its_number() -> None:
    assert model_words("iPhone15,4", "iPhone") == "iPhone 15"
    assert model_words("iPhone99,1", "iPhone") == "iPhone (iPhone99,1)"
    assert model_words("", "iPad") == "iPad"
