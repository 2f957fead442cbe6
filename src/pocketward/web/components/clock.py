"""Times as people read them: the practice's own clock, a date before any id, an age beside a status."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_DAYS: Final = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
}
_LONG_DAYS: Final = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS: Final = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}
_HALVES: Final = {"en": ("am", "pm"), "es": ("a. m.", "p. m.")}


@dataclass(frozen=True)
class Clock:
    """A practice's clock at one moment. `now` is aware; every text is in `zone` and `language` (en, es)."""

    now: datetime
    zone: ZoneInfo
    language: str = "en"

    def time(self, moment: datetime, *, seconds: bool = False) -> str:
        """2:32 pm, or 2:32:07 pm; a full hour is 5 pm."""
        local = moment.astimezone(self.zone)
        hour = local.hour % 12 or 12
        half = _HALVES[self.language][local.hour // 12]
        if seconds:
            return f"{hour}:{local:%M:%S} {half}"
        return f"{hour} {half}" if local.minute == 0 else f"{hour}:{local:%M} {half}"

    def date(self, moment: datetime) -> str:
        """Nov 19, with the year when it is another year."""
        local = moment.astimezone(self.zone)
        month = _MONTHS[self.language][local.month - 1]
        text = f"{local.day} {month}" if self.language == "es" else f"{month} {local.day}"
        return text if local.year == self._local_now().year else f"{text}{self._comma} {local.year}"

    def day(self, moment: datetime) -> str:
        """Thu, Nov 19."""
        local = moment.astimezone(self.zone)
        return f"{_DAYS[self.language][local.weekday()]}{self._comma} {self.date(moment)}"

    def long_date(self, moment: datetime) -> str:
        """Mon, Jan 18, 2027: for a date somebody may be held to."""
        local = moment.astimezone(self.zone)
        text = self.day(moment)
        return text if text.endswith(str(local.year)) else f"{text}{self._comma} {local.year}"

    def relative_day(self, moment: datetime) -> str:
        """Today; Yesterday; Thu, Nov 19: a heading above times."""
        gap = (self._local_now().date() - moment.astimezone(self.zone).date()).days
        return {0: _("Today"), 1: _("Yesterday")}.get(gap) or self.day(moment)

    def moment(self, moment: datetime, *, seconds: bool = False) -> str:
        """1:20:42 pm today, with its date otherwise: for places where the day is plain from around."""
        time = self.time(moment, seconds=seconds)
        return time if self.is_today(moment) else f"{self.date(moment)}, {time}"

    def when(self, moment: datetime, *, seconds: bool = False) -> str:
        """today at 1:14 pm; yesterday at …; Thu, Nov 19, 1:14 pm."""
        time = self.time(moment, seconds=seconds)
        gap = (self._local_now().date() - moment.astimezone(self.zone).date()).days
        if gap == 0:
            return _("today at %(time)s") % {"time": time}
        if gap == 1:
            return _("yesterday at %(time)s") % {"time": time}
        return f"{self.day(moment)}, {time}"

    def by(self, moment: datetime) -> str:
        """A date to come: Friday at 5 pm within six days, else Mon, Jan 18, 5 pm."""
        local = moment.astimezone(self.zone)
        ahead = (local.date() - self._local_now().date()).days
        if ahead == 0:
            return _("today at %(time)s") % {"time": self.time(moment)}
        if ahead == 1:
            return _("tomorrow at %(time)s") % {"time": self.time(moment)}
        if 1 < ahead < 7:
            weekday = _LONG_DAYS[self.language][local.weekday()]
            return _("%(weekday)s at %(time)s") % {"weekday": weekday, "time": self.time(moment)}
        return f"{self.day(moment)}, {self.time(moment)}"

    def age(self, moment: datetime | None) -> str:
        """just now, 4 min ago, 3 hr ago, 9 days ago; never when there is no moment."""
        if moment is None:
            return _("never")
        seconds = (self.now - moment).total_seconds()
        if seconds < 60:
            return _("just now")
        return _("%(span)s ago") % {"span": self.short_span(timedelta(seconds=seconds))}

    def short_span(self, span: timedelta) -> str:
        """4 min, 3 hr, 9 days: the largest unit that fits, rounded down."""
        minutes = int(span.total_seconds() // 60)
        if minutes < 60:
            return _("%(count)s min") % {"count": minutes}
        if minutes < 48 * 60:
            return _("%(count)s hr") % {"count": minutes // 60}
        days = minutes // (24 * 60)
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}

    def left(self, until: datetime) -> str:
        """26 hours 28 minutes; 59 days; 46 seconds: what is left, in words."""
        seconds = max(0, int((until - self.now).total_seconds()))
        if seconds < 120:
            return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
        minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
        if days >= 3:
            return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
        if hours == 0:
            return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
        return self._hours_and_minutes(hours, minutes % 60)

    def stamp(self) -> str:
        """Thu, Nov 19, 2026, 2:32 pm: the foot of every page, so that a print says when."""
        return f"{self.long_date(self.now)}, {self.time(self.now)}"

    def is_today(self, moment: datetime) -> bool:
        """Whether `moment` falls on the practice's present day."""
        return moment.astimezone(self.zone).date() == self._local_now().date()

    @property
    def _comma(self) -> str:
        """English sets commas inside a date, Spanish none."""
        return "" if self.language == "es" else ","

    def _hours_and_minutes(self, hours: int, minutes: int) -> str:
        text = ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
        if minutes == 0:
            return text
        more = ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
        return f"{text} {more}"

    def _local_now(self) -> datetime:
        return self.now.astimezone(self.zone)
