"""The kinds of doors in plain words, for whoever registers a record system."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy

from pocketward.access import api as access_api

WORDS: Final = {
    "proxied": (
        gettext_lazy("Behind our gate"),
        gettext_lazy("It runs on your own server, or you have its address answered by our proxy."),
    ),
    "sign_on_forced": (
        gettext_lazy("Sign-in through us, nothing else"),
        gettext_lazy("Its maker lets people in only by our sign-on; no password works."),
    ),
    "sign_on_optional": (
        gettext_lazy("Sign-in through us, or by password"),
        gettext_lazy("Our sign-on works, and so does a password of its own."),
    ),
    "suite": (
        gettext_lazy("Mail and files"),
        gettext_lazy("Google Workspace or Microsoft 365."),
    ),
    "egress": (
        gettext_lazy("Answers only to our network"),
        gettext_lazy("Its maker lets you list the addresses that may sign in."),
    ),
    "account": (
        gettext_lazy("An account that a person suspends"),
        gettext_lazy("Most systems on the web: somebody signs in there and suspends the account."),
    ),
    "device_only": (
        gettext_lazy("An app on the phone"),
        gettext_lazy("We can take the app off the phone; the account works elsewhere."),
    ),
    "watch_only": (
        gettext_lazy("Cannot be shut"),
        gettext_lazy("We can only read its log."),
    ),
}


@dataclass(frozen=True)
class DoorKind:
    """A kind of door: how soon shutting it works, and what stays open."""

    value: str
    label: str
    hint: str
    effect: str
    stays_open: str
    chosen: bool = False


def door_kinds(chosen: str = "") -> tuple[DoorKind, ...]:
    """Every kind, strongest first."""
    return tuple(door_kind(kind, chosen) for kind in access_api.DOORS)


def door_kind(kind: str, chosen: str = "") -> DoorKind:
    """One kind in words."""
    label, hint = WORDS[kind]
    _sentence, effect, stays_open = access_api.DOORS[kind]
    return DoorKind(kind, str(label), str(hint), effect, stays_open, kind == chosen)
