"""An event as a sentence: who, and what they did. The words are data, in `sentences.toml`."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from pocketward.incidents.api import QUESTIONS
from pocketward.ledger.api import Entry
from pocketward.response import api as response_api
from pocketward.web.components.roles import ROLE_WORDS
from pocketward.web.names import Names
from pocketward.web.phones.command_words import command_words

# The page's words for what other systems call compliant and not-compliant.
POSTURES: Final = {"compliant": "protected", "not-compliant": "needs a fix", "unknown": "unknown"}

OUTCOMES: Final = {"allow": "opened", "refuse": "refused", "reauthenticate": "asked to sign in"}
# A step's state as somebody marks it.
STEP_STATES: Final = {
    "waiting": "waiting",
    "running": "under way",
    "done": "done",
    "failed": "failed",
    "skipped": "not needed",
    "needs_person": "waiting for a person",
}
# Who did it where the event's actor is only whom it was done to.
DOERS: Final = {
    "access.decision_made": "The gate",
    "access.decision_repeated": "The gate",
    "access.gate_alarm_raised": "The gate",
    "fleet.device_message_refused": "Pocketward",
    "pki.challenge_refused": "Pocketward",
}
# By which channels an officer was called, and what became of the mail.
CALLED_BY: Final = {
    "queued": "by mail and under Incidents",
    "not_configured": "under Incidents only: no mail is set up",
    "no_address": "under Incidents only: no mail address",
}
MAILED: Final = {
    "sent": "handed the mail of a call to the mail server, for",
    "failed": "could not send the mail of a call, and called the next; it was for",
    "no_address": "had no mail address any more for",
}
# What a check of integrity saw, by its code.
SIGNS: Final = {"unknown_build": "its build {value} is none that Apple released for its version"}
VERDICTS: Final = {"breach": "it is a breach", "low_probability": "low probability of compromise"}


@cache
def _sentences() -> dict[str, str]:
    text = files("pocketward.web.ledger").joinpath("sentences.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text))


@cache
def _step_titles() -> dict[str, str]:
    return {step.id: step.title for plan in response_api.playbooks() for step in plan.steps}


def known_kinds() -> frozenset[str]:
    """The kinds of events that have a sentence."""
    return frozenset(_sentences())


def kinds_like(*starts: str) -> tuple[str, ...]:
    """Every kind with a sentence that begins with one of these."""
    return tuple(sorted(kind for kind in _sentences() if kind.startswith(starts)))


def doer(entry: Entry, names: Names) -> str:
    """Who did it, to stand before what was done."""
    if entry.kind == "response.step_advanced" and entry.actor.startswith("device:"):
        # The phone's answer moved it; whoever marks steps is Pocketward or a person.
        return "Pocketward"
    return DOERS.get(entry.kind) or names.actor(entry.actor, entry.actor_name)


def what_happened(kind: str, body: Mapping[str, Any] | None, names: Names) -> str:
    """What was done, to stand after the name of who did it; the erased say so."""
    if body is None:
        return "did something whose content was erased (proof kept)"
    template = _sentences().get(kind)
    if template is None:
        return kind.partition(".")[2].replace("_", " ")
    return template.format_map(_fields(body, names))


def _fields(body: Mapping[str, Any], names: Names) -> defaultdict[str, str]:
    found: defaultdict[str, str] = defaultdict(lambda: "…")
    found.update({name: _text(value) for name, value in body.items() if value is not None})
    found["allowed_word"] = "allowed" if body.get("allowed") else "no longer allowed"
    found["device"] = names.device(_device_of(body))
    found["member"] = names.person(body.get("member_id")) or "nobody known"
    if "role" in body:
        word = str(ROLE_WORDS.get(str(body["role"]), body["role"]))
        found["role"] = word if word.startswith("IT") else word[0].lower() + word[1:]
    if "labels" in body:
        found["labels"] = ", ".join(str(label) for label in body["labels"]) or "nobody fits the name"
    if "doors" in body:
        found["door_names"] = _doors(body["doors"])
    if "installed" in body:
        found["apps"] = _apps(body)
    found["command"] = command_words(found["request_type"])
    found["outcome_word"] = OUTCOMES.get(found["outcome"], found["outcome"])
    found["step_title"] = _step_titles().get(found["step"], found["step"].replace("_", " "))
    found["step_state"] = STEP_STATES.get(found["state"], found["state"])
    question = found["question"]
    found["question_words"] = QUESTIONS[question][0] if question in QUESTIONS else question.replace("_", " ")
    found["mail_words"] = CALLED_BY.get(str(body.get("mail")), "")
    found["mailed_words"] = MAILED.get(found["outcome"], "")
    found["verdict_word"] = VERDICTS.get(found["verdict"], found["verdict"])
    found["sign"] = SIGNS.get(found["code"], "{code}, {value}").format_map(found)
    found["posture_word"] = POSTURES.get(found["posture"], found["posture"])
    return found


def _text(value: Any) -> str:
    """A value in words: parts of a thing are named without the signs of code."""
    if isinstance(value, list | tuple):
        return ", ".join(str(item).replace("_", " ") for item in value) or "nobody"
    return str(value)


def _apps(body: Mapping[str, Any]) -> str:
    """ "installed Notes 2.1; removed Photos": what happened to which apps."""

    def name(app: Mapping[str, Any]) -> str:
        return str(app["name"] or app["identifier"])

    parts = [
        f"{word} " + ", ".join(f"{name(app)} {app['version']}".strip() for app in body[word])
        for word in ("installed", "removed")
        if body[word]
    ]
    if body["updated"]:
        versions = (f"{name(app)} from {app['before']} to {app['version']}" for app in body["updated"])
        parts.append("updated " + ", ".join(versions))
    return "; ".join(parts)


def _doors(doors: Iterable[Mapping[str, Any]]) -> str:
    shut = [str(door.get("app", "")) for door in doors if door.get("closed")]
    return ", ".join(shut) or "none that are ours"


def _device_of(body: Mapping[str, Any]) -> str:
    subject = str(body.get("subject", ""))
    if body.get("device_id"):
        return str(body["device_id"])
    return subject.partition(":")[2] if subject.startswith("device:") else ""
