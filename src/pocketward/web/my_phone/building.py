"""Builds the page of one's own phone, in the active language."""

from dataclasses import replace

from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.web.my_phone.fact_words import held_lines, never_seen
from pocketward.web.my_phone.fixes import check_lines, first_fix
from pocketward.web.my_phone.pages import HeldLine, MyPhonePage
from pocketward.web.phones.app_lines import lines_of
from pocketward.web.phones.reading import Phone
from pocketward.web.visitor import Visitor


def my_phone_page(visitor: Visitor, phone: Phone | None, *, said: str = "") -> MyPhonePage:
    """The page of `phone`, or how one joins when there is none."""
    base = f"{visitor.base}me/"
    if phone is None:
        return MyPhonePage(
            title=_("My phone"),
            status="unknown",
            say=_("No phone of yours has joined yet."),
            text=_("Ask your IT lead for a code. Your phone’s camera reads it. About 5 minutes."),
            checks=(),
            check_url="",
            checked="",
            sees=(HeldLine(_("Nothing, until a phone joins"), ""),),
            never=never_seen(personal=True),
            kept=(),
            held_url=f"{base}held/",
            back_url=base,
        )
    page = _of_phone(visitor, phone, said)
    return _as_erased(page) if phone.erased_at is not None else page


def _as_erased(page: MyPhonePage) -> MyPhonePage:
    """The page without a tick on what is gone, and without asking a phone that cannot answer."""
    told = _("What it told us before counts no more.")
    return replace(page, text=f"{page.text} {told}", checks=(), check_url="", checked="", fix=None, apps=())


def _of_phone(visitor: Visitor, phone: Phone, said: str) -> MyPhonePage:
    base, personal = f"{visitor.base}me/", phone.device.ownership == "personal"
    state = fleet_api.device_state(device_id=phone.device.id)
    return MyPhonePage(
        title=_("My phone"),
        status=phone.standing.status,
        say=_say(phone),
        text=_text(phone),
        checks=check_lines(visitor, phone),
        check_url=f"{base}phone/check/?phone={phone.public_id}&lang={visitor.language}",
        checked=_("Last heard %(age)s.") % {"age": visitor.clock.age(phone.device.last_heard_at)},
        sees=held_lines(state, visitor.clock, personal=personal),
        never=never_seen(personal=personal),
        kept=(
            HeldLine(_("Each report"), _("until the next one replaces it; the ledger keeps that it changed")),
            HeldLine(_("Each refusal"), _("6 years, because the law asks for it")),
        ),
        held_url=f"{base}held/",
        back_url=base,
        fix=first_fix(visitor, phone),
        apps=lines_of(phone.device, visitor.clock),
        personal=personal,
        restore_url=_act(visitor, phone, "restore"),
        confirm_url=_act(visitor, phone, "confirm") if phone.device.stands_reported else "",
        said=said,
    )


def _act(visitor: Visitor, phone: Phone, act: str) -> str:
    """The address of an act on a phone that is reported lost; empty for any other, and for an erased one."""
    if not phone.device.lost_case_ref or phone.erased_at is not None:
        return ""
    return f"{visitor.base}me/phone/{act}/?phone={phone.public_id}&lang={visitor.language}"


def _say(phone: Phone) -> str:
    if phone.erased_at is not None:
        return _("Your phone is erased.")
    return {
        "ok": _("Your phone is protected."),
        "fix": _("Your phone needs one fix."),
        "closed": _("Records are closed on your phone."),
        "silent": _("Your phone has not reported lately."),
        "unknown": _("We cannot tell how your phone is."),
    }[phone.standing.status]


def _closed_text(phone: Phone) -> str:
    if phone.erased_at is not None:
        return _("That is proven. It opens nothing until it has joined again.")
    if phone.device.lost_at is None and phone.hold:
        return _("An officer closed it. They can say why, and open it again.")
    return _("It was reported lost, or an officer closed it. Call the number below if you have it.")


def _text(phone: Phone) -> str:
    return {
        "ok": _("Nothing to do. Records open on it."),
        "fix": _(
            "Until then records are closed on this phone. They open again by themselves when it is done."
        ),
        "closed": _closed_text(phone),
        "silent": _("Open it, unlock it, and keep it on Wi-Fi for a minute. It reports by itself."),
        "unknown": _(
            "Records open when it has reported and passed. Keep it unlocked and on Wi-Fi for a minute."
        ),
    }[phone.standing.status]
