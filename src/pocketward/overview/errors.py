"""What the overview refuses."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class OverviewError(PocketwardError):
    """The root of this package's errors."""

    code = "overview.error"
    sentence = "The list could not be read."


class ListGone(OverviewError):
    """No frozen list answers to this token: it is spent, too old, or somebody else's."""

    code = "overview.list_gone"
    sentence = "That list was used already, or is too old. Pick the phones again."
    advice = "A list is kept for 15 minutes, for one act of the person who picked it."


class ListTooLong(OverviewError):
    """More phones than one act takes."""

    code = "overview.list_too_long"
    sentence = "That is more phones than one act takes. Narrow the list and do it in parts."
