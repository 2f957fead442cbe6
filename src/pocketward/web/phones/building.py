"""Builds the pages of one phone from what was read."""

from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import CommandRecord
from pocketward.kernel.ids import public_id
from pocketward.web.components.clock import Clock
from pocketward.web.components.crumbs import Crumb, PlainLine, Tab
from pocketward.web.names import Names
from pocketward.web.phones.app_lines import lines_of
from pocketward.web.phones.closing import closed_by
from pocketward.web.phones.command_words import ROUTINE, is_over, under_way
from pocketward.web.phones.erased import as_erased
from pocketward.web.phones.fact_lines import phone_facts
from pocketward.web.phones.models import model_words
from pocketward.web.phones.phone_pages import Ahead, PhonePage
from pocketward.web.phones.reading import Phone
from pocketward.web.phones.standing import reported_lost
from pocketward.web.visitor import Visitor

MODELS = {"iphone": "iPhone", "ipad": "iPad"}


def place_of(visitor: Visitor, phone: Phone) -> str:
    """The address of a phone's page."""
    return f"{visitor.base}phones/{phone.public_id}/"


def crumbs(visitor: Visitor, phone: Phone) -> tuple[Crumb, ...]:
    """Phones > this phone."""
    return (Crumb(_("Phones"), f"{visitor.base}phones/"), Crumb(phone.device.label))


def tabs(visitor: Visitor, phone: Phone, here: str) -> tuple[Tab, ...]:
    """The tabs of a phone; acting on it is for officers."""
    place = place_of(visitor, phone)
    wanted = [("", _("Overview"))]
    if not visitor.member.is_technician:
        wanted.append(("history/", _("History")))
    if visitor.may_change:
        wanted.append(("acts/", _("Close, lock, erase")))
    return tuple(Tab(label, f"{place}{end}", end == here) for end, label in wanted)


def phone_page(
    visitor: Visitor, phone: Phone, commands: tuple[CommandRecord, ...], names: Names, toast: str = ""
) -> PhonePage:
    """The overview of one phone."""
    place, clock, device = place_of(visitor, phone), visitor.clock, phone.device
    active = [item for item in commands if not is_over(item) and item.purpose not in ROUTINE]
    may_read = bool(device.lost_case_ref) and not visitor.member.is_technician
    case = f"{visitor.base}incidents/{device.lost_case_ref}/" if may_read else ""
    title, text = limits(phone)
    page = PhonePage(
        title=device.label,
        crumbs=crumbs(visitor, phone),
        tabs=tabs(visitor, phone, ""),
        status=phone.standing.status,
        say=say(phone, visitor),
        follow=" ".join(filter(None, (lost_words(phone, clock), closed_by(visitor, phone, names))))
        or phone.standing.reason,
        heard=heard_words(phone, clock),
        facts=phone_facts(phone, clock),
        no_facts=_("Nothing yet. It has joined and not reported."),
        under_way=tuple(under_way(item, clock, names) for item in active[:3]),
        ahead=ahead(phone, clock),
        about=about(visitor, phone),
        limits_title=title,
        limits=text,
        apps=lines_of(device, clock),
        check_url=f"{place}check/" if visitor.may_change and device.enrollment_state == "enrolled" else "",
        case_url=case,
        toast=toast,
    )
    return as_erased(page, phone, clock) if phone.erased_at is not None else page


def heard_words(phone: Phone, clock: Clock) -> str:
    """When it was last heard; that it answers is not said of a phone that has stopped to."""
    names = {"age": clock.age(phone.device.last_heard_at)}
    if phone.standing.status == "silent" or phone.device.last_heard_at is None:
        return _("Last heard %(age)s.") % names
    return _("Last heard %(age)s. It answers when it is asked.") % names


def lost_words(phone: Phone, clock: Clock) -> str:
    """That it is reported lost, with its stop; empty when it is not."""
    at = phone.device.lost_at
    return f"{reported_lost(at, clock)}." if at is not None else ""


def say(phone: Phone, visitor: Visitor) -> str:
    """The sentence of a phone's page."""
    names = {"phone": phone.device.label}
    heard = phone.device.last_heard_at
    if phone.standing.status == "silent" and heard is not None:
        span = visitor.clock.short_span(visitor.clock.now - heard)
        return _("%(phone)s has been silent for %(span)s.") % {**names, "span": span}
    return {
        "ok": _("%(phone)s is protected."),
        "fix": _("%(phone)s needs a fix."),
        "closed": _("Records are closed on %(phone)s."),
        "silent": _("%(phone)s is silent."),
        "unknown": _("We cannot tell how %(phone)s is."),
    }[phone.standing.status] % names


def ahead(phone: Phone, clock: Clock) -> tuple[Ahead, ...]:
    """What happens next, by how the phone stands."""
    status = phone.standing.status
    if status == "ok":
        checks = phone.verdict.checks if phone.verdict is not None else ()
        limit = next((check.limit for check in checks if check.id == "heard_from"), None)
        lines = [Ahead(_("It is asked again within 4 hours."))]
        if limit is not None:
            text = _("If it stays silent for %(span)s, records close on it.")
            lines.append(Ahead(text % {"span": clock.short_span(limit)}))
        return tuple(lines)
    if status == "fix":
        return (
            Ahead(_("Records open again by themselves when the phone reports the fix.")),
            Ahead(_("Nothing is ever erased because of a failed check.")),
        )
    if phone.has_left:
        return (Ahead(_("It opens nothing for anybody until it is given to somebody who works here.")),)
    if status == "closed":
        return (Ahead(_("Records stay closed until an officer opens them and the phone passes its checks.")),)
    return (Ahead(_("Unknown never opens records. They open when the phone reports and passes.")),)


def limits(phone: Phone) -> tuple[str, str]:
    """What we cannot do to this phone, and why; empty when there is nothing to say."""
    device = phone.device
    if device.ownership == "personal":
        text = _("It is the person’s own. We can close records on it and take back work data.")
        return _("We cannot find or fully erase it."), text
    if device.supervised is False:
        text = _("It was not set up as supervised. It can be locked and erased.")
        return _("We cannot put it into lost mode or find it."), text
    return "", ""


def about(visitor: Visitor, phone: Phone) -> tuple[PlainLine, ...]:
    """Plain lines about the phone itself."""
    device = phone.device
    person = PlainLine(_("Person"), _("Shared by several people") if device.shared else _("Nobody named"))
    if device.member_id is not None:
        url = f"{visitor.base}people/{public_id('mem', device.member_id)}/"
        person = PlainLine(_("Person"), phone.person, "" if visitor.member.is_technician else url)
    owner = _("The person") if device.ownership == "personal" else _("The practice")
    state = fleet_api.device_state(device_id=device.id)
    product = str(dict(state.get("product_name", {})).get("value") or device.product_name)
    model = model_words(product, MODELS.get(device.kind, device.kind))
    return (
        person,
        PlainLine(_("Owner"), owner),
        PlainLine(_("Model"), model),
        PlainLine(_("Serial"), device.serial or _("not told")),
        PlainLine(_("Supervised"), {True: _("yes"), False: _("no"), None: _("unknown")}[device.supervised]),
        PlainLine(_("Joined"), visitor.clock.long_date(device.added_at)),
    )
