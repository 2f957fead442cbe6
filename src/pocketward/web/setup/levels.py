"""How far a practice wants to go, asked first; the first useful hour never waits for a push certificate."""

from django.utils.translation import gettext as _

from pocketward.web.components.crumbs import Choice


def level_choices(level: int) -> tuple[Choice, ...]:
    """The four levels of adoption, the present one chosen."""
    texts = (
        (_("Only the program"), _("People, duties, lost-phone page, ledger. No phone is managed.")),
        (_("With the management you have"), _("Facts come from your present MDM.")),
        (_("iPhones and iPads, managed here"), _("Needs Apple’s push certificate.")),
        (_("With an IT provider, Android too"), _("They work under a grant that you see and can end.")),
    )
    return tuple(
        Choice(str(number), label, number == level, hint) for number, (label, hint) in enumerate(texts)
    )
