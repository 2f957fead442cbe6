"""The work apps on a phone's pages: how far each is, until the phone says that it is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import AppProgress
from pocketward.web.components.clock import Clock
from pocketward.web.components.ladder import Rung

# The way of an app that comes by itself; the words are Apple's own.
_WAY: Final = (
    ("queued", gettext_lazy("Queued")),
    ("installing", gettext_lazy("Installing")),
    ("managed", gettext_lazy("Managed")),
)
_DETAILS: Final = {
    "ordered": gettext_lazy("Sent. The phone has not taken it yet."),
    "queued": gettext_lazy("The phone has taken it and will fetch it."),
    "installing": gettext_lazy("The phone is fetching it."),
    "updating": gettext_lazy("The phone is fetching a newer version."),
    "asks": gettext_lazy("The phone asks its holder. One tap on Install and it comes."),
    "declined": gettext_lazy("Its holder tapped Cancel. It is asked for again."),
    "failed": gettext_lazy("The phone could not install it. It is sent again."),
    "gone": gettext_lazy("It was deleted on the phone. It is sent again."),
    "missing": gettext_lazy("It is not there yet."),
    "own": gettext_lazy("It is there, put there by the holder and not by the practice."),
}
_STANDS_AT: Final = {"queued": 0, "installing": 1, "updating": 1, "managed": 2}
_TROUBLE: Final = frozenset({"declined", "failed", "gone"})


@dataclass(frozen=True)
class AppLine:
    """One work app: its name with version, the rungs it has climbed, and the one it stands on in a word.

    `text` says what happens now, empty for an app that is there.
    """

    name: str
    word: str
    text: str
    age: str
    rungs: tuple[Rung, ...]
    is_there: bool


def app_lines(apps: Sequence[AppProgress], clock: Clock) -> tuple[AppLine, ...]:
    """A line an app, in the active language."""
    return tuple(_line(app, clock) for app in apps)


def lines_of(phone: fleet_api.DeviceRecord, clock: Clock) -> tuple[AppLine, ...]:
    """The work apps of this phone."""
    return app_lines(fleet_api.app_progress(device_id=phone.id), clock)


def _line(app: AppProgress, clock: Clock) -> AppLine:
    detail = str(_DETAILS.get(app.step, ""))
    here = _STANDS_AT.get(app.step, -1)
    words = [str(word) for _key, word in _WAY]
    age = clock.age(app.at) if app.at is not None else ""
    rungs = []
    for place, word in enumerate(words):
        if place == here:
            rungs.append(Rung("up", word, age, detail))
        elif place < here:
            rungs.append(Rung("up", word, ""))
        elif place == here + 1:
            trouble = place == 0 and app.step in _TROUBLE
            rungs.append(Rung("failed" if trouble else "now", word, "", detail if here < 0 else ""))
        else:
            rungs.append(Rung("open", word, ""))
    is_there = app.step in ("managed", "own")
    word = words[here] if here >= 0 else (_("On it") if is_there else _("Not there yet"))
    return AppLine(" ".join((app.name, app.version)).strip(), word, detail, age, tuple(rungs), is_there)
