"""What is to do, worst first; Home shows three at most. What is not a task for today is not listed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.web.components.clock import Clock
from pocketward.web.components.words import badness
from pocketward.web.home.sentence import CLOCK_LIMIT_S
from pocketward.web.home.world import Call, OpenLoss, Overview, PhoneMark, Review, Waiting

MOST = 3
PUSH_WARNING = timedelta(days=30)


@dataclass(frozen=True)
class Task:
    """One thing to do: what is wrong, what follows from it, and the page where it is done.

    `harm` sorts: 0 is the worst.
    """

    harm: tuple[int, str]
    title: str
    text: str
    action: str
    url: str


def tasks(world: Overview, clock: Clock, base: str) -> tuple[Task, ...]:
    """Every task of `world`, worst first. `base` is the practice's address, as /p/harbor-street/."""
    found = [
        *_of_the_server(world, clock, base),
        *(_of_loss(loss, clock, base) for loss in world.losses),
        *(_of_call(call, clock, base) for call in world.calls),
        *(_of_waiting(item, clock, base) for item in world.waiting),
        *_of_reviews(world.reviews, clock, base),
        *_of_access(world, base),
        *_of_phones([mark for mark in world.marks if _is_task(mark, world)], clock, base),
        *_of_set_up(world, base),
    ]
    return tuple(sorted(found, key=lambda task: task.harm))


def _is_task(mark: PhoneMark, world: Overview) -> bool:
    is_lost = any(mark.public_id in loss.phones for loss in world.losses)
    return mark.status != "ok" and not mark.joining and not is_lost


def _of_the_server(world: Overview, clock: Clock, base: str) -> list[Task]:
    found = []
    if world.clock_off_by_s is not None and abs(world.clock_off_by_s) > CLOCK_LIMIT_S:
        found.append(
            Task(
                (0, ""),
                _("Set this server’s clock"),
                _("Ages and dates here depend on it. Records may close or open at the wrong time."),
                _("See how"),
                f"{base}setup/",
            )
        )
    if world.safety_faults:
        text = _("We could not judge their last report, so records are closed on them. The fault is ours.")
        title = ngettext(
            "%(count)s phone waits for us", "%(count)s phones wait for us", world.safety_faults
        ) % {"count": world.safety_faults}
        found.append(Task((2, ""), title, text, _("See them"), f"{base}phones/?status=unknown"))
    found.extend(_of_push(world, clock, base))
    if world.owner_link_at is not None:
        text = _(
            "Somebody at the server made it, %(when)s. If nobody here did, end what you do not know under "
            "People, and call whoever runs the server."
        )
        made = text % {"when": clock.when(world.owner_link_at)}
        title = _("A link that lets in an owner was made")
        found.append(Task((2, ""), title, made, _("Look at People"), f"{base}people/"))
    return found


def _of_push(world: Overview, clock: Clock, base: str) -> list[Task]:
    ends = world.push_expires_at
    if ends is None or ends > clock.now + PUSH_WARNING:
        return []
    over = ends <= clock.now
    title = _("Apple’s push certificate has ended") if over else _("Apple’s push certificate ends soon")
    text = (
        _("No iPhone or iPad can be reached since %(day)s. Renew it with the same Apple account.")
        if over
        else _("After %(day)s no iPhone or iPad can be reached. Renew it with the same Apple account.")
    )
    return [
        Task(
            (1 if over else 5, ""),
            title,
            text % {"day": clock.long_date(ends)},
            _("Renew it"),
            f"{base}setup/push-certificate/",
        )
    ]


def _of_loss(loss: OpenLoss, clock: Clock, base: str) -> Task:
    if not loss.closed:
        text = _("Reported %(when)s. Records are still open: closing waits for one tap of yours.")
    elif loss.closed_after_s is not None:
        text = _("The doors we control closed %(seconds)s s after the report, %(when)s.")
    else:
        text = _("The doors we control are closed on it since %(when)s.")
    seconds = f"{max(loss.closed_after_s, 0.1):.1f}" if loss.closed_after_s is not None else ""
    text = text % {"when": clock.when(loss.reported_at), "seconds": seconds}
    return Task(
        (1 if not loss.closed else 3 if loss.erased_at is None else 6, loss.reported_at.isoformat()),
        (_("%(phone)s is lost") if loss.erased_at is None else _("%(phone)s was lost and is erased"))
        % {"phone": loss.phone_name},
        " ".join(filter(None, (text, _unanswered(loss.called_since, clock), loss.next_step))),
        _("Open the case"),
        f"{base}incidents/{loss.case_id}/",
    )


def _unanswered(since: datetime | None, clock: Clock) -> str:
    """That officers are called, and that nobody has answered."""
    if since is None or clock.now - since < timedelta(minutes=1):
        return ""
    span = clock.short_span(clock.now - since)
    return _("Nobody has answered our calls for %(span)s.") % {"span": span}


def _of_call(call: Call, clock: Clock, base: str) -> Task:
    """A loss that fits nobody is as bad as one still open; a phone that turned up waits for a call."""
    values = {"said": call.said, "when": clock.when(call.said_at)}
    if call.found:
        title = _("Somebody has “%(said)s” again")
        text = _("Said %(when)s. Call them back; nothing opens by itself.")
    else:
        title = _("A lost phone fits nobody here")
        text = _("“%(said)s” was typed %(when)s. Nothing is closed until you say whose phone it is.")
        text = f"{text} {_unanswered(call.called_since, clock)}".strip()
    return Task(
        (4 if call.found else 1, call.said_at.isoformat()),
        title % values,
        text % values,
        _("See whom to call") if call.found else _("Say whose it is"),
        f"{base}incidents/{call.case_id}/",
    )


def _of_reviews(reviews: tuple[Review, ...], clock: Clock, base: str) -> list[Task]:
    """Emergency access that was used; many uses are one task."""
    if not reviews:
        return []
    first, number = reviews[0], len(reviews)
    title = ngettext(
        "Emergency access waits for a review",
        "%(count)s uses of emergency access wait for a review",
        number,
    )
    text = ngettext(
        "%(who)s used it %(when)s. Read what it opened, then say if it was needed.",
        "The first is of %(who)s, %(when)s. Read what each opened, then say if it was needed.",
        number,
    )
    values = {"count": number, "who": first.who, "when": clock.when(first.opened_at)}
    url = f"{base}emergency/{first.grant_id}/" if number == 1 else f"{base}emergency/reviews/"
    return [Task((5, first.opened_at.isoformat()), title % values, text % values, _("Review it"), url)]


def _of_access(world: Overview, base: str) -> list[Task]:
    """No phone opens a record to anybody: by the rules, or because nobody holds a role that they name."""
    if not world.nobody_may_open:
        return []
    harm = (4 if world.total else 19, "")
    title = _("Nobody can open records")
    if world.opening_roles:
        text = _("Some roles open them, and nobody here holds one. You may give one to yourself.")
        return [Task(harm, title, text, _("Give a role"), f"{base}people/")]
    text = _("No role opens notes, calendar or billing, so every phone is refused.")
    return [Task(harm, title, text, _("Say who may"), f"{base}setup/access/")]


def _of_waiting(item: Waiting, clock: Clock, base: str) -> Task:
    if item.act == "EraseDevice":
        title = _("An erase of %(phone)s waits for approval")
    elif item.act == "RemoveProfile":
        title = _("Removing work data from %(phone)s waits for approval")
    else:
        title = _("An order for %(phone)s waits for approval")
    if item.alone:
        text = _(
            "%(who)s asked for it, %(when)s. Your IT provider must approve it; until then it can be stopped."
        )
    elif item.own:
        text = _("You asked for it, %(when)s. Another officer must approve it; until then you can stop it.")
    else:
        text = _("%(who)s asked for it, %(when)s. Nothing leaves before an officer’s yes; any can stop it.")
    return Task(
        (2, item.asked_at.isoformat()),
        title % {"phone": item.phone_name},
        text % {"who": item.asked_by, "when": clock.when(item.asked_at)},
        _("See it") if item.own else _("Approve or stop it"),
        f"{base}phones/{item.phone_id}/acts/",
    )


def _of_phones(marks: list[PhoneMark], clock: Clock, base: str) -> list[Task]:
    """One task a phone; phones closed or unknown for one and the same reason are one task together."""
    alike: dict[tuple[str, str], list[PhoneMark]] = {}
    for mark in marks:
        together = mark.status in ("closed", "unknown")
        alike.setdefault((mark.status, mark.reason if together else mark.public_id), []).append(mark)
    found: list[Task] = []
    for group in alike.values():
        if len(group) > 2:
            found.append(_of_many(group, base))
        else:
            found.extend(_of_phone(mark, clock, base) for mark in group)
    return found


def _of_many(marks: list[PhoneMark], base: str) -> Task:
    first = marks[0]
    title = (
        _("Records are closed on %(count)s phones")
        if first.status == "closed"
        else _("%(count)s phones are unknown")
    )
    return Task(
        (6 + badness(first.status), ""),
        title % {"count": len(marks)},
        first.reason,
        _("See them"),
        f"{base}phones/?status={first.status}",
    )


def _of_phone(mark: PhoneMark, clock: Clock, base: str) -> Task:
    title, text = _words_for(mark, clock)
    soon = mark.closes_at.isoformat() if mark.closes_at else "9"
    return Task(
        (6 + badness(mark.status), f"{soon} {mark.name}"),
        title,
        text,
        _("Look for it") if mark.status == "silent" else _("See the phone"),
        f"{base}phones/{mark.public_id}/",
    )


def _words_for(mark: PhoneMark, clock: Clock) -> tuple[str, str]:
    names = {"phone": mark.name}
    heard = clock.short_span(clock.now - mark.heard_at) if mark.heard_at else ""
    if mark.status == "closed":
        return _("Records are closed on %(phone)s") % names, mark.reason
    if mark.status == "silent":
        title = _("%(phone)s has been silent for %(span)s") % {**names, "span": heard}
        return title, mark.reason or _("It may be switched off in a drawer, or gone.")
    if mark.status == "unknown":
        return _("We cannot tell how %(phone)s is") % names, mark.reason
    text = mark.reason
    if mark.closes_at:
        text = f"{text} " + _("Records close on it %(when)s.") % {"when": clock.by(mark.closes_at)}
    return _("%(phone)s needs a fix") % names, text.strip()


def _of_set_up(world: Overview, base: str) -> list[Task]:
    found = []
    if world.setup_left:
        text = ngettext(
            "%(count)s step is left. You can stop after any of them.",
            "%(count)s steps are left. You can stop after any of them.",
            world.setup_left,
        ) % {"count": world.setup_left}
        found.append(Task((20, ""), _("Finish setting up"), text, _("Go on"), f"{base}setup/"))
    found.extend(_of_channels(world, base))
    for role in world.vacancies:
        found.append(
            Task(
                (21, role),
                _("Nobody is %(role)s") % {"role": role},
                _("Decisions wait for this person in an incident. You may name yourself."),
                _("Name a person"),
                f"{base}people/",
            )
        )
    return found


def _of_channels(world: Overview, base: str) -> list[Task]:
    """Whoever is called about a lost phone should hear of it by more than a page they may not look at."""
    if not world.mail_is_set:
        text = _(
            "No mail is set up. A lost phone shows on these pages and reaches nobody who is not looking."
        )
        where, url = _("See how"), f"{base}setup/"
    elif world.without_address:
        text = _("%(names)s: no mail address. A lost phone reaches them only when they look at these pages.")
        text = text % {"names": ", ".join(world.without_address)}
        where, url = _("Add an address"), f"{base}people/"
    else:
        return []
    return [Task((19, ""), _("Officers are told on one channel only"), text, where, url)]
