"""The one true sentence at the top of Home, computed from facts; a line of consequence follows it.

Order of what is said: first whatever makes every other statement doubtful (clock, push certificate,
nothing heard), then a lost phone, then counts with the next date. If it cannot be proven it is not said:
where nobody may open records, no phone is called protected.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.web.components.clock import Clock
from pocketward.web.components.words import Status
from pocketward.web.home.world import OpenLoss, Overview, PhoneMark
from pocketward.web.phones.erased import erased_words

CLOCK_LIMIT_S = 300.0  # a certificate or a freshness limit is judged wrongly beyond this


@dataclass(frozen=True)
class Sentence:
    """The statement, a line of consequence in plain type, and a shape before it when one fits."""

    head: str
    follow: str = ""
    mark: Status | None = None


def sentence(world: Overview, clock: Clock) -> Sentence:
    """The statement for `world` as it stands on `clock`. Pure."""
    doubtful = _doubt(world, clock)
    if doubtful is not None:
        return doubtful
    if not world.total:
        return _nobody_yet(world)
    # A phone that is out there is worse than one that is proven empty.
    still = [loss for loss in world.losses if loss.erased_at is None]
    if still:
        return _lost(world, still, clock)
    if world.strangers:
        return _of_a_stranger(world, clock)
    if world.losses:
        return _erased(world, world.losses[0], clock)
    if world.joining:
        return _joining(world)
    if world.count("unknown") == world.total:
        return _all_unknown(world)
    return _counts(world, clock)


def _doubt(world: Overview, clock: Clock) -> Sentence | None:
    if world.clock_off_by_s is not None and abs(world.clock_off_by_s) > CLOCK_LIMIT_S:
        off = clock.short_span(timedelta(seconds=abs(world.clock_off_by_s)))
        return Sentence(
            _("This server’s clock is wrong, so we cannot say how your phones are."),
            _("It is off by %(span)s. Ages and dates below are not to be trusted until it is set.")
            % {"span": off},
            "unknown",
        )
    ended = world.push_expires_at
    if ended is not None and ended <= clock.now:
        return Sentence(
            _("We cannot reach any iPhone or iPad."),
            (
                _("Apple’s push certificate ended on %(day)s. Nobody can open records yet.")
                if world.nobody_may_open
                else _(
                    "Apple’s push certificate ended on %(day)s. "
                    "%(good)s of %(total)s were protected when last heard."
                )
            )
            % {"day": clock.long_date(ended), "good": world.count("ok"), "total": world.total},
            "unknown",
        )
    return None


def _nobody_yet(world: Overview) -> Sentence:
    if world.setup_left:
        text = ngettext(
            "%(count)s step of set-up is left.", "%(count)s steps of set-up are left.", world.setup_left
        ) % {"count": world.setup_left}
        return Sentence(_("No phone is protected yet."), text)
    return Sentence(_("No phone is protected yet."), _("Add the first one. It takes about 5 minutes."))


def _lost(world: Overview, still: list[OpenLoss], clock: Clock) -> Sentence:
    loss = still[0]
    # Phones, not cases: one that was reported twice is one phone.
    more = len(frozenset().union(*(other.phones for other in still[1:])) - loss.phones)
    head = f"{_protected_of(world)}. {_lost_words(loss)}"
    if more:
        text = ngettext("%(count)s more phone is lost.", "%(count)s more phones are lost.", more) % {
            "count": more
        }
        return Sentence(head, _with_switch(text, world))
    text = _("Reported %(when)s. Nothing is erased by itself.") % {"when": clock.when(loss.reported_at)}
    return Sentence(head, _with_switch(text, world))


def _erased(world: Overview, loss: OpenLoss, clock: Clock) -> Sentence:
    assert loss.erased_at is not None
    text = _("Reported %(when)s. Its case is still open.") % {"when": clock.when(loss.reported_at)}
    head = f"{_protected_of(world)}. {erased_words(loss.phone_name, loss.erased_at, clock)}"
    return Sentence(head, _with_switch(text, world))


def _lost_words(loss: OpenLoss) -> str:
    names = {"phone": loss.phone_name}
    if not loss.closed:
        return _("%(phone)s is reported lost and still open.") % names
    if loss.doors_ours:
        return _("%(phone)s is lost; records are closed on it.") % names
    return _("%(phone)s is lost; the doors we control are closed.") % names


def _of_a_stranger(world: Overview, clock: Clock) -> Sentence:
    """A phone is gone, and nothing is closed on it: nobody knows whose it is."""
    calls = world.strangers
    told = ngettext(
        "A report of a lost phone fits nobody.", "%(count)s reports of a lost phone fit nobody.", len(calls)
    ) % {"count": len(calls)}
    text = _("Reported %(when)s. Nothing is closed until you say whose phone it is.")
    follow = text % {"when": clock.when(calls[0].said_at)}
    return Sentence(f"{_protected_of(world)}. {told}", _with_switch(follow, world))


def _all_unknown(world: Overview) -> Sentence:
    total = world.total
    if all(mark.heard_at is None for mark in world.marks):
        follow = ngettext(
            "It has joined and not reported yet. Records stay closed until it does.",
            "None of the %(count)s has reported yet. Records stay closed until they do.",
            total,
        )
    else:
        follow = ngettext(
            "What it told us is too old to count. Unknown is never counted as protected.",
            "What they told us is too old to count. Unknown is never counted as protected.",
            total,
        )
    head = ngettext("We cannot tell how your phone is.", "We cannot tell how your phones are.", total)
    return Sentence(head, _with_switch(follow % {"count": total}, world), "unknown")


def _joining(world: Overview) -> Sentence:
    """Nothing is wrong with phones that are about to be protected for the first time."""
    numbers = {"count": world.joining, "total": world.total}
    if world.joining == world.total:
        head = ngettext("Your phone is joining.", "Your phones are joining.", world.total)
    elif world.count("ok") or world.nobody_may_open:
        more = ngettext("%(count)s is joining.", "%(count)s are joining.", world.joining) % numbers
        head = f"{_protected_of(world)}. {more}"
    else:
        text = ngettext(
            "%(count)s of %(total)s phones is joining.",
            "%(count)s of %(total)s phones are joining.",
            world.joining,
        )
        head = text % numbers
    follow = _("Settings and apps are on their way. Records open on each phone when it passes its checks.")
    return Sentence(head, _with_switch(follow, world))


def _counts(world: Overview, clock: Clock) -> Sentence:
    total, good = world.total, world.count("ok")
    closed = world.count("closed")
    if world.nobody_may_open:
        return Sentence(f"{_protected_of(world)}.", _with_switch(_to_open(world), world), "unknown")
    if good == total:
        return Sentence(_all_protected(world), _with_switch(_heard(world, clock), world), "ok")
    if closed > 2 and closed * 4 > total:
        return Sentence(
            _("Records are closed on %(closed)s of %(total)s phones.") % {"closed": closed, "total": total},
            _with_switch(_shared_reason(world), world),
            "closed",
        )
    head = f"{_protected_of(world)}."
    worst = _next_to_close(world)
    if worst is not None:
        return Sentence(f"{head} {_deadline(worst, clock)}", _with_switch("", world))
    return Sentence(head, _with_switch(_others(world, clock), world))


def _to_open(world: Overview) -> str:
    """The one thing to do before anybody can open records, and how the phones are."""
    if world.opening_roles:
        do = _("Nobody here holds a role that opens any: give somebody one.")
    else:
        do = _("No role opens any: say who may open what.")
    passed = ngettext(
        "%(good)s of %(total)s phone passes its checks.",
        "%(good)s of %(total)s phones pass their checks.",
        world.total,
    )
    return f"{do} {passed % {'good': world.count('ok'), 'total': world.total}}"


def _protected_of(world: Overview) -> str:
    total, good = world.total, world.count("ok")
    if world.nobody_may_open:
        return _("Nobody can open records yet")
    if total == 0:
        return _("No phone is protected yet")
    if good == 0:
        return ngettext(
            "Your phone is not protected", "None of your %(total)s phones is protected", total
        ) % {"total": total}
    return ngettext(
        "%(good)s of %(total)s phone is protected", "%(good)s of %(total)s phones are protected", total
    ) % {"good": good, "total": total}


def _all_protected(world: Overview) -> str:
    total = world.total
    if world.solo and total == 2:
        return _("Both of your devices are protected.")
    if world.solo:
        return ngettext("Your phone is protected.", "All %(total)s of your devices are protected.", total) % {
            "total": total
        }
    return ngettext("Your phone is protected.", "All %(total)s phones are protected.", total) % {
        "total": total
    }


def _heard(world: Overview, clock: Clock) -> str:
    oldest = world.quiet_since
    if oldest is None:
        return ""
    age = clock.now - oldest
    quiet = _(" Nothing needs you now.") if world.solo and not world.setup_left else ""
    if age < timedelta(hours=1):
        return _("Each one reported within the last hour.") + quiet
    return _("The longest silence is %(span)s.") % {"span": clock.short_span(age)} + quiet


def _next_to_close(world: Overview) -> PhoneMark | None:
    dated = [mark for mark in world.marks if mark.status == "fix" and mark.closes_at is not None]
    return min(dated, key=lambda mark: (mark.closes_at, mark.name), default=None)


def _deadline(mark: PhoneMark, clock: Clock) -> str:
    assert mark.closes_at is not None
    return _("%(phone)s closes %(when)s unless it is fixed.") % {
        "phone": mark.name,
        "when": clock.by(mark.closes_at),
    }


def _shared_reason(world: Overview) -> str:
    reasons = {mark.reason for mark in world.marks if mark.status == "closed"}
    if len(reasons) == 1:
        return _("For one and the same reason: %(reason)s") % {"reason": reasons.pop()}
    return _("For %(count)s different reasons; the worst is below.") % {"count": len(reasons)}


def _others(world: Overview, clock: Clock) -> str:
    bad = sorted((mark for mark in world.marks if mark.status != "ok"), key=lambda mark: mark.name)
    if len(bad) != 1:
        return ""
    mark = bad[0]
    if mark.status == "silent" and mark.heard_at is not None:
        span = clock.short_span(clock.now - mark.heard_at)
        return _("%(phone)s has been silent for %(span)s.") % {"phone": mark.name, "span": span}
    return f"{mark.name}: {mark.reason}" if mark.reason else ""


def _with_switch(text: str, world: Overview) -> str:
    if not world.kill_switch:
        return text
    switch = _("The kill switch is on: nothing can be erased.")
    return f"{text} {switch}".strip()
