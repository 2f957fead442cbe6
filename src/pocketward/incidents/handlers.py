"""What incidents does when a phone is reported lost; all of it as jobs."""

from __future__ import annotations

from pocketward.response.events import AlertAnswered, LossReported, LossReversed

REACTIONS = {
    AlertAnswered: ("incidents.lead_case",),
    LossReported: ("incidents.open_case",),
    LossReversed: ("incidents.reverse_case",),
}
