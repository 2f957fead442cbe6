"""The buttons of the lab's page: what a phone's holder, bad luck and time can do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from devicelab.lab import Lab
from devicelab.phone.enrolling import EnrollmentFailed
from devicelab.phone.phone import Phone
from devicelab.phone.trouble import in_plain_words
from devicelab.staff import StaffFailed
from pocketward.kernel import clock
from pocketward.protocols import scep
from pocketward.protocols.apple_mdm import MessageError, PlistError, ProfileError

Given = dict[str, Any]
STRANGER = "a stranger"
PATIENCE_SECONDS = 30
SETTLING_ROUNDS = 40
HOUR = 3600
DAY = 24 * HOUR
# Longer than any identity lives, so that each has run out.
CERTIFICATES_RUN_OUT = 400 * DAY


class ButtonRefused(Exception):
    """The button cannot be pressed now; the text says why, in one sentence for people."""

    def __init__(self, sentence: str, status: int = 409) -> None:
        super().__init__(sentence)
        self.sentence, self.status = sentence, status


def _reachable(phone: Phone) -> None:
    if phone.state.management is None:
        raise ButtonRefused(f"{phone.name} is not enrolled.")
    if phone.state.faults.offline:
        raise ButtonRefused(f"{phone.name} is offline. Bring it online first.")


def _not_as_new(phone: Phone) -> None:
    if phone.is_as_new:
        raise ButtonRefused(f"{phone.name} was erased: nothing is on it. Enroll it again first.")


async def set_passcode(lab: Lab, phone: Phone, given: Given) -> str:
    """Its holder sets a passcode that meets every profile."""
    _not_as_new(phone)
    phone.state.passcode = True
    phone.state.passcode_length = max(phone.state.passcode_length, phone.state.required_length)
    return f"{phone.name} has a passcode now."


async def remove_passcode(lab: Lab, phone: Phone, given: Given) -> str:
    """Its holder switches the passcode off."""
    if phone.state.locked:
        raise ButtonRefused("Unlock it first: a locked phone keeps its passcode.")
    phone.state.passcode = False
    return f"{phone.name} has no passcode now."


async def lock(lab: Lab, phone: Phone, given: Given) -> str:
    """Its holder locks the screen."""
    phone.state.locked = True
    lab.seen.pop(phone.name, None)
    return f"{phone.name} is locked."


async def unlock(lab: Lab, phone: Phone, given: Given) -> str:
    """Its holder unlocks the screen; nobody can while it is in lost mode."""
    if phone.state.lost_mode is not None:
        raise ButtonRefused("It is in lost mode. Only the practice can end that.")
    phone.unlock()
    return f"{phone.name} is unlocked."


async def go_offline(lab: Lab, phone: Phone, given: Given) -> str:
    """No network: pushes wait."""
    phone.go_offline()
    return f"{phone.name} is offline. The newest push waits for it."


async def go_online(lab: Lab, phone: Phone, given: Given) -> str:
    """Network again: a push that waited wakes it."""
    phone.go_online()
    return f"{phone.name} is online."


async def check_in(lab: Lab, phone: Phone, given: Given) -> str:
    """Ask the server for commands, as a phone does when it is woken."""
    _reachable(phone)
    try:
        answered = await asyncio.wait_for(phone.connect(), PATIENCE_SECONDS)
    except (TimeoutError, httpx.HTTPError, EnrollmentFailed, PlistError, MessageError) as error:
        raise ButtonRefused(f"The check-in failed. {in_plain_words(error)}", 502) from error
    if phone.last_error:
        return f"{phone.name} checked in and was refused. {phone.last_error}"
    counted = "one command" if answered == 1 else f"{answered} commands"
    return (
        f"{phone.name} checked in and answered {counted}."
        if answered
        else f"{phone.name} checked in. Nothing was asked."
    )


async def open_records(lab: Lab, phone: Phone, given: Given) -> str:
    """Somebody opens the records on the phone; the screen shows what they see."""
    _not_as_new(phone)
    if phone.state.faults.offline:
        raise ButtonRefused(f"{phone.name} is offline. Bring it online first.")
    if phone.state.locked:
        raise ButtonRefused(f"{phone.name} is locked. Unlock it first.")
    person = str(given.get("person") or phone.state.spec.person)
    if person not in {one.name for one in lab.world.people}:
        raise ButtonRefused("Choose who opens the records.", 400)
    try:
        seen = await lab.staff.look(phone.name, person, str(given.get("path") or "/notes"))
    except (StaffFailed, httpx.HTTPError) as error:
        raise ButtonRefused(f"{person} could not get that far: {error}.", 502) from error
    lab.seen[phone.name] = seen
    return f"{person} on {phone.name}: {seen.say} {seen.lead if seen.state != 'open' else ''}".strip()


async def check_this_phone(lab: Lab, phone: Phone, given: Given) -> str:
    """Whoever reads the refusal taps its button; the practice asks the phone and judges it anew."""
    _reachable(phone)
    seen = lab.seen.get(phone.name)
    if seen is None or seen.state != "refused":
        raise ButtonRefused(
            "Open the records first: the button is on the page that says why they are closed."
        )
    before = len(phone.answered)
    try:
        await lab.staff.check(phone.name, seen)
    except (StaffFailed, httpx.HTTPError) as error:
        raise ButtonRefused(f"{seen.person} could not check: {error}.", 502) from error
    for _ in range(SETTLING_ROUNDS):
        await asyncio.sleep(0.25)
        if "SecurityInfo" in phone.answered[before:]:
            break
    await asyncio.sleep(0.5)
    return await open_records(lab, phone, {"person": seen.person, "path": seen.path})


async def lose(lab: Lab, phone: Phone, given: Given) -> str:
    """It is left somewhere: locked, and in a stranger's hands. Nothing in the product knows yet."""
    phone.state.holder, phone.state.locked = STRANGER, True
    lab.seen.pop(phone.name, None)
    return f"{phone.name} is in a stranger's hands. Nobody has reported it yet."


async def find(lab: Lab, phone: Phone, given: Given) -> str:
    """Its owner has it again. The practice hears of it only when somebody says so there."""
    phone.state.holder = ""
    return f"{phone.name} is with its owner again. Say so on the case: It was found."


async def enroll(lab: Lab, phone: Phone, given: Given) -> str:
    """Join, or join anew with the same serial and new keys, by a link of "Add a phone"."""
    url = str(given.get("url", "")).strip()
    if not url.startswith(f"{lab.world.device_url}/"):
        raise ButtonRefused(
            "Paste the link that Add a phone shows; it begins with " + lab.world.device_url, 400
        )
    if phone.state.faults.offline:
        raise ButtonRefused(f"{phone.name} is offline. Bring it online first.")
    try:
        await asyncio.wait_for(phone.enroll(url), PATIENCE_SECONDS)
    except (
        EnrollmentFailed, ProfileError, PlistError, MessageError, scep.ScepError, httpx.HTTPError,
        TimeoutError,
    ) as error:  # fmt: skip
        raise ButtonRefused(f"It could not enroll. {in_plain_words(error)}", 502) from error
    lab.seen.pop(phone.name, None)
    return f"{phone.name} has joined with new keys."


async def misbehave(lab: Lab, phone: Phone, given: Given) -> str:
    """Switch one fault on or off."""
    name, is_on = str(given.get("fault", "")), bool(given.get("on"))
    faults = phone.state.faults
    if name == "lose_next_replies":
        faults.lose_next_replies = 1 if is_on else 0
    elif name in ("not_now_while_locked", "repeat_replies", "erase_but_come_back"):
        setattr(faults, name, is_on)
    else:
        raise ButtonRefused(f"There is no fault called {name or 'nothing'}.", 400)
    return f"{phone.name}: noted."


async def end_token(lab: Lab, phone: Phone, given: Given) -> str:
    """Its push token ends: the push service answers 410 from now on."""
    if phone.state.management is None:
        raise ButtonRefused(f"{phone.name} is not enrolled.")
    lab.push.unregister(phone.state.management.push_token, dead=True)
    return f"Pushes to {phone.name} are answered with 410 from now on."


PHONE_BUTTONS: dict[str, Callable[[Lab, Phone, Given], Awaitable[str]]] = {
    "set-passcode": set_passcode,
    "remove-passcode": remove_passcode,
    "lock": lock,
    "unlock": unlock,
    "go-offline": go_offline,
    "go-online": go_online,
    "check-in": check_in,
    "open-records": open_records,
    "check-this-phone": check_this_phone,
    "lose": lose,
    "find": find,
    "enroll": enroll,
    "misbehave": misbehave,
    "end-token": end_token,
}
PASSING = {"hour": HOUR, "day": DAY, "run-out": CERTIFICATES_RUN_OUT}
PASSED = {
    "hour": "An hour has passed.",
    "day": "A day has passed.",
    "run-out": "400 days have passed. Every identity has run out.",
}


def press(lab: Lab, name: str, given: Given) -> str:
    """A button of the whole lab: let time pass, or let the push service lose pushes."""
    if name in PASSING:
        offset = round((clock.now() - clock.true_now()).total_seconds())
        clock.write_offset(Path(lab.world.clock_offset_file), offset + PASSING[name])
        return PASSED[name]
    if name == "push-drop":
        lab.push.drop = bool(given.get("on"))
        return "The push service loses every push." if lab.push.drop else "Pushes arrive again."
    raise ButtonRefused(f"This lab has no button called {name}.", 404)


async def press_on(lab: Lab, phone_name: str, button: str, given: Given) -> str:
    """A button of one phone; what happened, in a sentence. ButtonRefused says why not."""
    phone = lab.phones.get(phone_name)
    if phone is None:
        raise ButtonRefused(f"There is no phone called {phone_name}.", 404)
    act = PHONE_BUTTONS.get(button)
    if act is None:
        raise ButtonRefused(f"A phone has no button called {button}.", 404)
    try:
        return await act(lab, phone, given)
    finally:
        lab.keep(phone)
