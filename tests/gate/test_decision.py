"""Decisions: deny by default, closings that nothing overrides, exact replay."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.gate.compiler import EMPTY, compile_rules
from pocketward.gate.decision import (
    decide,
    decode_facts,
    decode_stored,
    encode_facts,
    encode_stored,
    replay,
)
from pocketward.gate.horizon import stable_until
from pocketward.gate.language import Check, Every, Flag, Forbid, Is, Permit, Ruleset, default_rules
from pocketward.gate.records import (
    CheckFacts,
    ClientFacts,
    Decision,
    EmergencyFacts,
    Facts,
    PermitFacts,
    PersonFacts,
    StoredDecision,
)
from tests.gate.facts import (
    APP,
    CHECKS,
    CLINICIAN,
    NOW,
    PHONE,
    PRACTICE,
    RULES,
    SESSION,
    UNENROLLED,
    changed,
    facts,
)

GRANT = EmergencyFacts("grant-1", PRACTICE, "member-1", "app-1", NOW - 60, NOW + 1740)
PERMIT = PermitFacts("permit-1", PRACTICE, "app-1", "clinic-wifi")
SUSPICIOUS = CheckFacts("os_patched", "fail", "build_never_existed", NOW - 60, None, True)


def answer(whole: Facts, rules: Any = RULES) -> Decision:
    """The decision on these facts."""
    return decide(whole, rules, "dec_test")


def codes(decision: Decision) -> list[str]:
    """The reason codes in order."""
    return [reason.code for reason in decision.reasons]


def random_facts(seed: int) -> Facts:
    """Facts of any kind: most of them wrong somewhere."""
    pick = random.Random(seed)
    chance = pick.random
    device = changed(
        PHONE,
        posture=pick.choice(("compliant", "compliant", "not-compliant", "unknown")),
        fresh_until=NOW + pick.choice((-10, 10, 3600)),
        last_heard=pick.choice((None, NOW - 60, NOW - 10 * 86_400, NOW + 90, NOW + 9_000)),
        hold_ref="case_1" if chance() < 0.15 else "",
        lost=chance() < 0.1,
        quarantine=chance() < 0.1,
        shared=chance() < 0.3,
        holder=pick.choice(("member-1", "member-2", "")),
        certificate_state=pick.choice(("valid",) * 5 + ("held", "revoked", "expired", "none")),
        checks=pick.choice(((), CHECKS, (*CHECKS, SUSPICIOUS), (changed(CHECKS[0], result="fail"),))),
        practice_id=pick.choice((PRACTICE,) * 9 + ("other",)),
    )
    session = changed(
        SESSION,
        strength=pick.choice(("passkey", "passkey", "passkey_synced", "totp", "device", "demo")),
        auth_at=NOW - pick.choice((10, 4_000, 80_000)),
        expires_at=NOW + pick.choice((-1, 3600, 3600)),
        device_id=pick.choice(("device-1", "device-1", "", "device-9")),
        app_id=pick.choice(("app-1",) * 6 + ("app-2",)),
    )
    person = PersonFacts(
        "member-1", PRACTICE, chance() > 0.1,
        pick.choice((("clinician",), ("scheduler",), ("billing", "auditor"), ())),
        pick.choice((0, 0, 0, NOW)),
    )  # fmt: skip
    is_enrolled = chance() < 0.8
    return facts(
        device=device if is_enrolled else None,
        client=ClientFacts("enrolled", "", "ab" * 32) if is_enrolled else UNENROLLED,
        session=session if chance() < 0.9 else None,
        person=person if chance() < 0.9 else None,
        app=changed(APP, mode=pick.choice(("enforce", "enforce", "watch"))) if chance() < 0.95 else None,
        resource=pick.choice(("notes", "notes", "calendar", "billing", "")),
        knows_practice=pick.choice((True, True, True, True, False)),
        fault=pick.choice(("",) * 12 + ("gate_stale",)),
        emergency=pick.choice((None, None, GRANT)),
        permit=pick.choice((None, None, PERMIT)),
        request=changed(facts().request, network=pick.choice((None, "elsewhere", "clinic-wifi"))),
    )


def test_a_healthy_phone_of_a_clinician_opens_notes() -> None:
    assert answer(facts()) == Decision(
        "dec_test", "allow", (), "clinician-records", RULES.digest, "enforce", "", ()
    )


@given(st.integers(0, 10**9))
@settings(max_examples=200, deadline=None)
def test_an_empty_policy_never_allows(seed: int) -> None:
    whole = msgspec.structs.replace(random_facts(seed), policy_digest=EMPTY.digest, emergency=None)
    decision = answer(whole, EMPTY)
    if whole.app is not None and whole.app.mode == "watch" and decision.outcome == "allow":
        assert decision.would_have in ("refuse", "reauthenticate")
    else:
        assert decision.outcome != "allow"
    assert decision.reasons


@given(st.integers(0, 10**9))
@settings(max_examples=200, deadline=None)
def test_a_held_or_lost_device_is_never_allowed_not_even_in_an_emergency_or_when_watched(seed: int) -> None:
    whole = random_facts(seed)
    for closed in ({"lost": True}, {"hold_ref": "case_9"}, {"certificate_state": "held"}):
        device = changed(whole.device or PHONE, **closed)
        closed_facts = msgspec.structs.replace(
            whole, device=device, client=ClientFacts("enrolled", "", "ab" * 32), emergency=GRANT
        )
        assert answer(closed_facts).outcome == "refuse"


@given(st.integers(0, 10**9))
@settings(max_examples=200, deadline=None)
def test_failed_integrity_closes_every_enforced_app_even_in_an_emergency(seed: int) -> None:
    whole = random_facts(seed)
    decision = answer(
        msgspec.structs.replace(
            whole,
            app=APP,
            device=changed(PHONE, checks=(SUSPICIOUS,)),
            client=ClientFacts("enrolled", "", "ab" * 32),
            emergency=GRANT,
        )
    )
    assert decision.outcome == "refuse"


def test_a_thousand_stored_decisions_are_made_again_exactly() -> None:
    outcomes = set()
    for seed in range(1000):
        whole = random_facts(seed)
        made = decide(whole, RULES, f"dec_{seed}")
        stored = decode_stored(encode_stored(StoredDecision(made, encode_facts(whole))))
        assert decode_facts(stored.facts) == whole
        assert replay(stored, RULES) == made
        outcomes.add(made.outcome)
    assert outcomes == {"allow", "refuse", "reauthenticate"}


def test_replay_under_other_rules_refuses_instead_of_pretending() -> None:
    stored = StoredDecision(answer(facts()), encode_facts(facts()))
    other = compile_rules(default_rules(heard_within=60))
    assert codes(replay(stored, other)) == ["rules_unreadable"]


@given(st.binary(max_size=64))
@settings(max_examples=100, deadline=None)
def test_damaged_facts_are_refused_clearly(data: bytes) -> None:
    for read in (decode_facts, decode_stored):
        with pytest.raises(ValueError):
            read(data)
            raise ValueError("read after all")


@given(st.integers(0, 10**9), st.integers(0, 100))
@settings(max_examples=200, deadline=None)
def test_until_its_horizon_an_answer_stays_the_same(seed: int, percent: int) -> None:
    whole = random_facts(seed)
    first = answer(whole)
    until = stable_until(whole, RULES)
    assert until > NOW
    later = NOW + (until - 1 - NOW) * percent // 100
    again = answer(msgspec.structs.replace(whole, request=changed(whole.request, at=later)))
    assert (again.outcome, again.rule, codes(again)) == (first.outcome, first.rule, codes(first))


@pytest.mark.parametrize(
    ("changes", "outcome", "code"),
    [
        ({"session": None, "person": None}, "reauthenticate", "not_signed_in"),
        ({"session": changed(SESSION, expires_at=NOW)}, "reauthenticate", "session_expired"),
        ({"session": changed(SESSION, strength="totp")}, "reauthenticate", "sign_in_weak"),
        ({"session": changed(SESSION, auth_at=NOW - 86_400)}, "reauthenticate", "sign_in_old"),
        ({"session": changed(SESSION, app_id="app-2")}, "reauthenticate", "session_other_app"),
        ({"session": changed(SESSION, device_id="device-2")}, "reauthenticate", "session_other_device"),
        ({"person": changed(CLINICIAN, fresh_after=NOW)}, "reauthenticate", "sign_in_again"),
        ({"person": changed(CLINICIAN, active=False)}, "refuse", "person_inactive"),
        ({"person": changed(CLINICIAN, roles=("scheduler",))}, "refuse", "role_missing"),
        ({"device": changed(PHONE, fresh_until=NOW - 1)}, "refuse", "not_heard_from"),
        ({"device": changed(PHONE, last_heard=NOW - 40 * 3600)}, "refuse", "not_heard_from"),
        ({"device": changed(PHONE, posture="unknown")}, "refuse", "posture_unknown"),
        ({"device": changed(PHONE, posture="not-compliant")}, "refuse", "posture_failed"),
        ({"device": changed(PHONE, holder="member-2")}, "refuse", "not_own_device"),
        ({"device": changed(PHONE, quarantine=True)}, "refuse", "quarantined"),
        ({"device": changed(PHONE, lost=True)}, "refuse", "device_lost"),
        ({"device": changed(PHONE, must_report_since=NOW - 60)}, "refuse", "must_report"),
        ({"device": changed(PHONE, certificate_state="revoked")}, "refuse", "certificate_revoked"),
        ({"device": None, "client": UNENROLLED}, "refuse", "not_enrolled"),
        ({"device": None}, "refuse", "certificate_unknown"),
        ({"device": changed(PHONE, practice_id="other")}, "refuse", "certificate_unknown"),
        ({"client": ClientFacts("refused", "header_untrusted")}, "refuse", "header_untrusted"),
        ({"app": None}, "refuse", "app_unknown"),
        ({"knows_practice": False}, "refuse", "app_unknown"),
        ({"resource": ""}, "refuse", "resource_unknown"),
        ({"resource": "billing"}, "refuse", "role_missing"),
        ({"fault": "gate_stale"}, "refuse", "gate_stale"),
        ({"policy_digest": "other"}, "refuse", "rules_unreadable"),
    ],
)
def test_each_missing_fact_is_named(changes: dict[str, Any], outcome: str, code: str) -> None:
    decision = answer(facts(**changes))
    assert decision.outcome == outcome
    assert code in codes(decision)


def test_a_failed_check_is_named_with_its_age() -> None:
    failed = CheckFacts("passcode_set", "fail", "no_passcode", NOW - 7200, 86_400)
    decision = answer(facts(device=changed(PHONE, posture="not-compliant", checks=(failed, *CHECKS[1:]))))
    (reason,) = decision.reasons
    assert (reason.code, reason.fact, reason.value) == ("check_failed", "check.passcode_set", "no_passcode")
    assert (reason.age, reason.limit, reason.at) == (7200, 86_400, NOW - 7200)


def test_emergency_access_opens_past_a_role_and_an_old_posture_and_says_so() -> None:
    whole = facts(person=changed(CLINICIAN, roles=()), device=changed(PHONE, fresh_until=NOW - 1))
    opened = answer(msgspec.structs.replace(whole, emergency=GRANT))
    assert (opened.outcome, opened.rule, opened.obligations) == ("allow", "emergency:grant-1", ("emergency",))
    for useless in (
        changed(GRANT, expires_at=NOW),
        changed(GRANT, app_id="app-2"),
        changed(GRANT, member_id="member-2"),
        changed(GRANT, opened_at=NOW + 1),
        changed(GRANT, practice_id="other"),
    ):
        assert answer(msgspec.structs.replace(whole, emergency=useless)).outcome == "refuse"
    weak = changed(SESSION, strength="totp")
    assert answer(msgspec.structs.replace(whole, emergency=GRANT, session=weak)).outcome != "allow"
    no_device = msgspec.structs.replace(whole, emergency=GRANT, device=None, client=UNENROLLED)
    assert answer(no_device).outcome != "allow"


def test_emergency_access_opens_past_quarantine() -> None:
    assert answer(facts(device=changed(PHONE, quarantine=True), emergency=GRANT)).outcome == "allow"


def unenrolled(**changes: Any) -> Facts:
    """A request from the clinic's Wi-Fi by a computer we do not know."""
    there = changed(facts().request, network="clinic-wifi")
    session = changed(SESSION, device_id="")
    whole = facts(device=None, client=UNENROLLED, permit=PERMIT, request=there, session=session)
    return msgspec.structs.replace(whole, **changes)


def test_an_unenrolled_client_opens_only_by_the_named_permit_and_is_marked_not_checked() -> None:
    opened = answer(unenrolled())
    assert (opened.outcome, opened.rule, opened.obligations) == ("allow", "permit:permit-1", ("not_checked",))
    elsewhere = changed(facts().request, network="elsewhere")
    assert codes(answer(unenrolled(request=elsewhere))) == ["not_enrolled"]
    assert answer(unenrolled(permit=changed(PERMIT, app_id="app-2"))).outcome == "refuse"
    assert answer(unenrolled(permit=changed(PERMIT, expires_at=NOW))).outcome == "refuse"
    assert answer(unenrolled(person=changed(CLINICIAN, roles=("scheduler",)))).outcome == "refuse"
    weak = changed(SESSION, device_id="", strength="totp")
    assert codes(answer(unenrolled(session=weak))) == ["sign_in_weak"]
    assert answer(unenrolled(session=None, person=None)).outcome == "reauthenticate"


def test_an_enrolled_phone_that_fails_cannot_use_the_permit_for_unenrolled_clients() -> None:
    there = changed(facts().request, network="clinic-wifi")
    stale = changed(PHONE, fresh_until=NOW - 1)
    assert answer(facts(device=stale, permit=PERMIT, request=there)).outcome == "refuse"


def test_watch_mode_lets_through_and_keeps_what_it_would_have_done() -> None:
    watched = changed(APP, mode="watch")
    decision = answer(facts(app=watched, device=changed(PHONE, posture="unknown")))
    assert (decision.outcome, decision.would_have, decision.rule) == ("allow", "refuse", "watch")
    assert codes(decision) == ["posture_unknown"]
    assert answer(facts(app=watched)).would_have == ""


def test_a_forbid_beats_a_permit_and_an_emergency() -> None:
    rules = compile_rules(
        Ruleset(
            permits=(Permit("all", ("clinician",), ("notes",), Every(())),),
            forbids=(Forbid("no-personal", Is("ownership", ("personal",))),),
        )
    )
    mine = changed(PHONE, ownership="personal")
    decision = answer(facts(device=mine, emergency=GRANT, policy_digest=rules.digest), rules)
    assert codes(decision) == ["rule_forbids"]


def test_a_rule_can_ask_for_a_single_check() -> None:
    rules = compile_rules(Ruleset(permits=(Permit("p", ("clinician",), ("notes",), Check("passcode_set")),)))
    assert answer(facts(policy_digest=rules.digest), rules).outcome == "allow"
    unseen = changed(PHONE, checks=())
    refused = answer(facts(policy_digest=rules.digest, device=unseen), rules)
    assert codes(refused) == ["check_unknown"]


def test_the_reasons_are_those_of_the_nearest_permit() -> None:
    rules = compile_rules(
        Ruleset(
            permits=(
                Permit("far", ("clinician",), ("notes",), Every((Flag("shared"), Is("network", ("lab",))))),
                Permit("near", ("clinician",), ("notes",), Is("network", ("clinic-wifi",))),
            )
        )
    )
    assert codes(answer(facts(policy_digest=rules.digest), rules)) == ["network_not_allowed"]
