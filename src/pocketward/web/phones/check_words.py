"""Checks in a few words: what each is about, and what a good answer reads like."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

TITLES: Final = {
    "passcode_set": gettext_lazy("Passcode"),
    "data_protection": gettext_lazy("Encryption"),
    "os_patched": gettext_lazy("Safety updates"),
    "os_supported": gettext_lazy("Supported iOS"),
    "passcode_meets_profile": gettext_lazy("Passcode strength"),
    "required_apps": gettext_lazy("Work apps"),
    "supervised": gettext_lazy("Supervised"),
    "heard_from": gettext_lazy("Last report"),
    "identity_valid": gettext_lazy("Certificate"),
}
GOOD: Final = {
    "passcode_set": gettext_lazy("Set"),
    "passcode_meets_profile": gettext_lazy("Meets the rule"),
    "data_protection": gettext_lazy("On"),
    "required_apps": gettext_lazy("All installed"),
    "supervised": gettext_lazy("Yes"),
    "heard_from": gettext_lazy("Recent enough"),
    "identity_valid": gettext_lazy("Valid"),
}


def check_title(check: str) -> str:
    """What a check is about; its own name when it has no words here."""
    return str(TITLES.get(check, check.replace("_", " ").capitalize()))


def good_value(check: str, value: str) -> str:
    """What a passed check says: a word, or the version it read."""
    if check in GOOD:
        return str(GOOD[check])
    return f"iOS {value}" if value else _("Good")


def source_words(source: str, how_we_know: str) -> str:
    """How we know it: the check's own sentence, else which answer of the phone said it."""
    if how_we_know:
        return how_we_know
    return _("Said by the phone itself (%(answer)s).") % {"answer": source} if source else ""
