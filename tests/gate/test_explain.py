"""Explanations: every code has words in both languages, times are local, nothing about patients."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pocketward.gate
from pocketward.gate.decision import decide
from pocketward.gate.explain import CheckText, explain, texts
from pocketward.gate.records import CheckFacts, Decision, Facts
from tests.gate.facts import CHECKS, CLINICIAN, NOW, PHONE, RULES, UNENROLLED, changed, facts
from tests.gate.test_decision import random_facts

ZONE = "America/Chicago"


def said(whole: Facts, language: str = "en", audience: Any = "person", **more: Any) -> list[str]:
    """The causes told about the decision on these facts."""
    decision = decide(whole, RULES, "dec_test")
    found = explain(
        decision,
        audience=audience,
        at=NOW,
        language=language,
        zone=ZONE,
        facts=whole,
        **more,
    )
    return [step.cause for step in found.steps]


def test_every_code_the_gate_can_give_has_words_in_both_languages() -> None:
    source = "".join(path.read_text() for path in Path(pocketward.gate.__file__).parent.glob("*.py"))
    named = set(re.findall(r'(?:Reason|Shown|Asked)\(\s*"([a-z_]+)"', source))
    named |= {"header_repeated", "address_unclear", "gate_cannot_record", "gate_starting", "gate_stale"}
    named |= {f"certificate_{state}" for state in ("held", "revoked", "expired", "none")}
    named |= {"posture_failed", "posture_unknown", "not_signed_in"}
    english, spanish = texts("en")["codes"], texts("es")["codes"]
    assert named <= set(english)
    assert set(english) == set(spanish)
    for code, entry in english.items():
        assert entry["who"] in texts("en")["who"], code
        assert entry["minutes"] >= 1, code
        for field in ("cause", "remedy"):
            fields = re.findall(r"\{(\w+)\}", entry[field])
            assert set(re.findall(r"\{(\w+)\}", spanish[code][field])) <= {*fields, "device"}, code


def test_both_languages_have_the_same_tables() -> None:
    english, spanish = texts("en"), texts("es")
    assert set(english) == set(spanish)
    for table in ("device_words", "units", "who", "titles", "checks", "check_remedies", "emergency"):
        assert set(english[table]) == set(spanish[table])
    assert set(english["checks"]) == set(english["check_remedies"])


def test_silence_is_told_with_the_local_time() -> None:
    whole = facts(device=changed(PHONE, fresh_until=NOW - 1, last_heard=NOW - 86_400))
    assert said(whole) == ["We have not heard from this phone since Sunday 10:00."]
    assert said(whole, "es") == ["No sabemos nada de este teléfono desde el domingo a las 10:00."]
    old = facts(device=changed(PHONE, fresh_until=NOW - 1, last_heard=NOW - 30 * 86_400))
    assert said(old) == ["We have not heard from this phone since 25 October 2025, 11:00."]
    never = facts(device=changed(PHONE, fresh_until=NOW - 1, last_heard=None))
    assert said(never) == ["We have not heard from this phone yet."]


def test_what_one_act_mends_is_told_once() -> None:
    failed = tuple(
        CheckFacts(name, "fail", "no_passcode", NOW) for name in ("data_protection", "passcode_set")
    )
    whole = facts(device=changed(PHONE, posture="not-compliant", checks=failed))
    same = {
        "data_protection": CheckText("Not encrypted without a passcode.", "Set a passcode.", 1),
        "passcode_set": CheckText("No passcode yet.", "Set a passcode.", 1),
    }
    assert said(whole, checks=same) == ["No passcode yet."]
    assert len(said(whole, audience="officer", checks=same)) == 2


def test_a_failed_check_speaks_with_the_words_of_its_check() -> None:
    failed = CheckFacts("passcode_set", "fail", "no_passcode", NOW - 60)
    whole = facts(device=changed(PHONE, posture="not-compliant", checks=(failed, *CHECKS[1:])))
    assert said(whole) == ["This phone has no passcode. Anyone who finds it can open it."]
    given_text = {"passcode_set": CheckText("No passcode yet.", "Set one.", 1)}
    assert said(whole, checks=given_text) == ["No passcode yet."]
    (officer,) = said(whole, audience="officer")
    assert "no_passcode" in officer


def test_emergency_access_is_offered_only_where_it_can_help() -> None:
    def hint(whole: Facts) -> str:
        return explain(
            decide(whole, RULES, "dec_test"), audience="person", at=NOW, facts=whole
        ).emergency_hint

    assert hint(facts(device=changed(PHONE, posture="unknown")))
    assert hint(facts(person=changed(CLINICIAN, roles=())))
    assert not hint(facts(device=changed(PHONE, lost=True)))
    assert not hint(facts(device=None, client=UNENROLLED))
    assert not hint(facts(session=None, person=None))
    assert not hint(facts())


def test_an_auditor_sees_rule_digest_and_every_fact() -> None:
    whole = facts()
    found = explain(decide(whole, RULES, "dec_test"), audience="auditor", at=NOW, zone=ZONE, facts=whole)
    lines = {line.name: line.value for line in found.lines}
    assert lines["Rule"] == "clinician-records"
    assert lines["Access rules (SHA-256)"] == RULES.digest
    assert lines["Signed in"] == "passkey, Monday 09:55"
    assert lines["Check passcode_set"] == "pass (Monday 09:59)"


@pytest.mark.parametrize(
    ("obligations", "would_have", "title"),
    [
        ((), "", "Records are open"),
        (("not_checked",), "", "Opened. This device is not checked."),
        (("emergency",), "", "Opened as emergency access"),
        ((), "refuse", "Opened. With the rules switched on this would have been closed."),
    ],
)
def test_the_title_says_how_it_was_opened(obligations: tuple[str, ...], would_have: str, title: str) -> None:
    decision = Decision("dec_1", "allow", obligations=obligations, would_have=would_have)
    assert explain(decision, audience="person", at=NOW).title == title


@given(st.integers(0, 10**9), st.sampled_from(("en", "es", "fr")))
@settings(max_examples=150, deadline=None)
def test_every_refusal_has_a_cause_a_remedy_someone_and_a_time(seed: int, language: str) -> None:
    whole = random_facts(seed)
    decision = decide(whole, RULES, "dec_test")
    for audience in ("person", "officer", "auditor"):
        found = explain(
            decision,
            audience=audience,
            at=NOW,
            language=language,
            zone=ZONE,
            facts=whole,
        )
        assert found.title
        if decision.outcome != "allow":
            assert found.steps
        for step in found.steps:
            assert step.cause and step.remedy and step.who_text
            assert step.minutes >= 1
            assert "{" not in step.cause + step.remedy
            if audience == "person":
                assert "?" not in step.cause
