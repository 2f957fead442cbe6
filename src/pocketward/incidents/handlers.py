"""What incidents does when a phone is reported lost; all of it as jobs."""

from __future__ import annotations

from pocketward.response.events import AlertAnswered, LossIdentified, LossReported, LossReversed

REACTIONS = {
    AlertAnswered: ("incidents.lead_case",),
    LossIdentified: ("incidents.identify_case",),
    LossReported: ("incidents.open_case",),
    LossReversed: ("incidents.reverse_case",),
}
