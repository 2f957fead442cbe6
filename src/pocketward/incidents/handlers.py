"""What incidents does when a phone is reported lost; all of it as jobs."""

from __future__ import annotations

from pocketward.response.events import LossReported, LossReversed

REACTIONS = {LossReported: ("incidents.open_case",), LossReversed: ("incidents.reverse_case",)}
