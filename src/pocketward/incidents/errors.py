"""What incidents refuses."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class IncidentsError(PocketwardError):
    """Root of the incidents domain's errors."""

    code = "incidents.error"


class NoSuchCase(IncidentsError):
    """No such case in this practice."""

    code = "incidents.no_such_case"
    sentence = "There is no such case."


class NotYours(IncidentsError):
    """Only the privacy officer concludes."""

    code = "incidents.not_yours"
    sentence = "Only the privacy officer can decide this."
