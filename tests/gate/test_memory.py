"""What a gate remembers of an answer never outlives what the answer came from."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.gate.asking import Asking
from pocketward.gate.language import default_rules, write_rules
from pocketward.gate.process import GateOptions, build_gate
from pocketward.gate.records import Decision
from tests.gate.certificates import authority, make, phone
from tests.gate.facts import CLINICIAN, ListStore, changed, gone, row
from tests.gate.running import LIVE_PHONE, LIVE_SESSION, SECRET, asked, live_rows

OTHER = make("other phone", authority()[1])
PRINTS = (phone().fingerprint, OTHER.fingerprint)
# A row of any kind that an answer may depend on, changed, taken away or put back as it was.
CHANGES = st.one_of(
    st.tuples(
        st.just("device"), st.sampled_from(["device-1", "device-2"]),
        st.fixed_dictionaries(
            {},
            optional={
                "hold_ref": st.sampled_from(["", "case_1"]), "lost": st.booleans(),
                "posture": st.sampled_from(["compliant", "unknown"]),
                "certificate_state": st.sampled_from(["valid", "held"]),
                "holder": st.sampled_from(["member-1", "member-2"]),
                "fingerprints": st.lists(st.sampled_from(PRINTS), max_size=2, unique=True).map(tuple),
            },
        ),
    ),
    st.tuples(st.just("person"), st.just("member-1"), st.fixed_dictionaries({"active": st.booleans()})),
    st.tuples(st.just("session"), st.just(LIVE_SESSION.token_hash),
              st.fixed_dictionaries({"device_id": st.sampled_from(["device-1", "device-2", ""])})),
    st.tuples(st.just("rules"), st.just("rules"), st.fixed_dictionaries({"strict": st.booleans()})),
    st.tuples(st.sampled_from(["device", "session"]), st.just("gone"), st.just({})),
    st.tuples(st.just("device"), st.just("unreadable"), st.just({})),
)  # fmt: skip
REQUESTS = (
    asked(), asked("/calendar"), asked(pocketward_client_certificate=OTHER.header),
    asked(pocketward_client_certificate=None),
)  # fmt: skip


def made(kind: str, key: str, changes: dict[str, Any], version: int) -> Any:
    """The row of one change."""
    if key == "gone":
        return gone(kind, "device-1" if kind == "device" else LIVE_SESSION.token_hash, version)
    if key == "unreadable":
        return row("device", "device-1", b"{", version)
    if kind == "rules":
        rules = default_rules(heard_within=5) if changes["strict"] else default_rules()
        return row("rules", "rules", write_rules(rules), version)
    records = {"device": LIVE_PHONE, "person": CLINICIAN, "session": LIVE_SESSION}
    record = records[kind]
    if kind == "device":
        record = changed(record, device_id=key)
    return row(kind, key, changed(record, **changes), version)


def reasons(decision: Decision) -> list[tuple[str, str, str]]:
    """Why, without how old each fact was at that moment."""
    return [(reason.code, reason.fact, reason.value) for reason in decision.reasons]


def asking(folder: str) -> Asking:
    """What answers requests, with an empty snapshot."""
    options = GateOptions(
        people_url="http://localhost", proxy_secret=SECRET, segments=Path(folder) / "decisions"
    )
    found = build_gate(options, ListStore())._asking
    found._fault = lambda: ""
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(CHANGES, max_size=14))
def test_a_gate_with_memory_answers_as_one_without(changes: list[tuple[str, str, dict[str, Any]]]) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        remembering, forgetful = asking(one), asking(two)
        for each in (remembering, forgetful):
            each._snapshot.apply(live_rows())
        for version, (kind, key, values) in enumerate(
            [("person", "member-1", {"active": True}), *changes], 2
        ):
            new = made(kind, key, values, version)
            for each in (remembering, forgetful):
                each._snapshot.apply([new])
            forgetful._callers.clear()
            for headers in REQUESTS:
                for _ in range(2):
                    ours, theirs = remembering.answer(headers), forgetful.answer(headers)
                    assert ours.decision.outcome == theirs.decision.outcome
                    # Ages may differ by the second that has passed between the two.
                    assert reasons(ours.decision) == reasons(theirs.decision)
                    assert all(a == b for a, b in zip(ours.parts, theirs.parts, strict=True))
                    forgetful._callers.clear()


def test_another_phones_row_leaves_an_answer_remembered() -> None:
    with tempfile.TemporaryDirectory() as folder:
        one = asking(folder)
        one._snapshot.apply(live_rows())
        assert one.answer(asked()).decision.outcome == "allow"
        (caller,) = one._callers.values()
        other = changed(LIVE_PHONE, device_id="device-2", fingerprints=(OTHER.fingerprint,))
        one._snapshot.apply([row("device", "device-2", other, 5)])
        assert caller.counts()
        one._snapshot.apply([row("device", "device-1", LIVE_PHONE, 6)])
        assert not caller.counts()
