"""A phone whose erase is proven: what it once told of itself is true no more, until it joins again."""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from pocketward.web.components.clock import Clock
from pocketward.web.phones.phone_pages import Ahead, PhonePage
from pocketward.web.phones.reading import Phone


def erased_words(name: str, proven_at: datetime, clock: Clock) -> str:
    """Ben's iPhone is erased, proven today at 1:24 pm."""
    return _("%(phone)s is erased, proven %(when)s.") % {"phone": name, "when": clock.when(proven_at)}


def as_erased(page: PhonePage, phone: Phone, clock: Clock) -> PhonePage:
    """The page of this phone without a tick on what is gone, and without asking what cannot answer."""
    assert phone.erased_at is not None
    is_held = phone.device.lost_at is not None or bool(phone.hold)
    heard = clock.age(phone.device.last_heard_at)
    return replace(
        page,
        status="closed",
        say=erased_words(page.title, phone.erased_at, clock),
        # Why it stood as it did, unless somebody closed it, is gone with what was on it.
        follow=page.follow if is_held else "",
        heard=_("Last heard %(age)s.") % {"age": heard},
        facts=(),
        no_facts=_("What it told us before counts no more. It stands in its history."),
        apps=(),
        under_way=(),
        ahead=(Ahead(_("It opens nothing. If it is found, it joins again with a new code.")),),
        limits_title="",
        limits="",
        check_url="",
    )
