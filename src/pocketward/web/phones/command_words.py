"""Commands and their ladders in words."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pocketward.fleet.api import CommandRecord
from pocketward.web.components.clock import Clock
from pocketward.web.components.ladder import END_WORDS, PROOF_WORDS, PROOFS, Rung, climb
from pocketward.web.names import Names
from pocketward.web.phones.phone_pages import UnderWay

WORDS: Final = {
    "DeviceLock": gettext_lazy("Lock it"),
    "EnableLostMode": gettext_lazy("Lost mode"),
    "DisableLostMode": gettext_lazy("End lost mode"),
    "DeviceLocation": gettext_lazy("Find it"),
    "PlayLostModeSound": gettext_lazy("Play a sound"),
    "EraseDevice": gettext_lazy("Erase it"),
    "ClearPasscode": gettext_lazy("Clear its passcode"),
    "RestartDevice": gettext_lazy("Restart it"),
    "DeviceInformation": gettext_lazy("Ask what it is"),
    "SecurityInfo": gettext_lazy("Ask how safe it is"),
    "InstalledApplicationList": gettext_lazy("Ask for its apps"),
    "ManagedApplicationList": gettext_lazy("Ask for its work apps"),
    "ProfileList": gettext_lazy("Ask for its settings"),
    "CertificateList": gettext_lazy("Ask for its certificates"),
    "InstallProfile": gettext_lazy("Send settings"),
    "RemoveProfile": gettext_lazy("Remove work data"),
    "InstallApplication": gettext_lazy("Send an app"),
    "RemoveApplication": gettext_lazy("Remove an app"),
}
# The same where the phone is named beside it; the others stand before its name as they are.
WITH_NAME: Final = {
    "DeviceLock": gettext_lazy("Lock %(phone)s"),
    "DeviceLocation": gettext_lazy("Find %(phone)s"),
    "EraseDevice": gettext_lazy("Erase %(phone)s"),
    "ClearPasscode": gettext_lazy("Clear the passcode of %(phone)s"),
    "RestartDevice": gettext_lazy("Restart %(phone)s"),
}
ROUTINE: Final = frozenset({"inventory", "policy", "access_identity", "required_app"})


def command_words(request_type: str) -> str:
    """A command as a person says it."""
    return str(WORDS.get(request_type, request_type))


def command_on(request_type: str, phone: str) -> str:
    """ "Erase Ben's iPhone", "Lost mode, Ben's iPhone": a command and the phone that it is for."""
    if request_type in WITH_NAME:
        return str(WITH_NAME[request_type]) % {"phone": phone}
    return f"{command_words(request_type)}, {phone}"


def rungs_of(command: CommandRecord, clock: Clock) -> tuple[Rung, ...]:
    """The command's ladder with times; a rung that was taken back, by a contradiction, is not reached."""
    standing = PROOFS[: PROOFS.index(command.state) + 1] if command.state in PROOFS else PROOFS
    reached = {proof: clock.moment(at, seconds=True) for proof, at, _d in command.rungs if proof in standing}
    ordered = clock.moment(command.ordered_at, seconds=True)
    reached.setdefault("requested", ordered)
    if set(reached) - {"requested"}:
        # What needs no second person is authorized by the act of ordering it.
        reached.setdefault("authorized", ordered)
    details = {proof: detail for proof, _a, detail in command.rungs if detail and proof in standing}
    if "pushed" in reached and "delivered" not in reached:
        details.setdefault("pushed", _("Apple took the nudge. That says nothing about the phone yet."))
    ended = command.state if command.state in END_WORDS else ""
    end = next(((at, detail) for proof, at, detail in reversed(command.rungs) if proof == ended), None)
    return climb(
        reached=reached,
        details=details,
        ended=ended,
        ended_at=clock.moment(end[0], seconds=True) if end else "",
        ended_detail=(end[1] if end else "") or command.error,
    )


def short_of(command: CommandRecord) -> str:
    """The rung in one word for lists: "pushed, not yet delivered"."""
    if command.state in END_WORDS:
        return str(END_WORDS[command.state]).lower()
    word = str(PROOF_WORDS.get(command.state, command.state)).lower()
    if command.state == "pushed":
        return _("pushed, not yet delivered")
    if command.state == "acknowledged":
        return _("the phone says it is done")
    return word


def reached(command: CommandRecord, clock: Clock) -> str:
    """The rung with when it was reached: "corroborated, 1:21:44 pm"."""
    found = [at for proof, at, _detail in command.rungs if proof == command.state]
    at = max(found or [at for _proof, at, _detail in command.rungs], default=command.ordered_at)
    return f"{short_of(command)}, {clock.moment(at, seconds=True)}"


def is_over(command: CommandRecord) -> bool:
    """Whether nothing more is expected of it."""
    return command.state in END_WORDS or command.finished_at is not None


def under_way(command: CommandRecord, clock: Clock, names: Names) -> UnderWay:
    """A command for the page of its phone."""
    who = names.actor(command.ordered_by)
    asked = _("Asked by %(who)s, %(when)s") % {"who": who, "when": clock.when(command.ordered_at)}
    return UnderWay(
        command_words(command.request_type), asked, rungs_of(command, clock), reached(command, clock)
    )
