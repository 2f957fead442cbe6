"""A clock for pages outside any practice."""

from zoneinfo import ZoneInfo

from pocketward.kernel import clock as product_clock
from pocketward.practice import api as practice_api
from pocketward.web.components.clock import Clock
from pocketward.web.components.language import Language


def plain_clock(language: Language) -> Clock:
    """The clock of the one practice here; UTC when there are several or none."""
    everything = practice_api.practices()
    zone = everything[0].zone if len(everything) == 1 else "UTC"
    return Clock(product_clock.now(), ZoneInfo(zone), language)
