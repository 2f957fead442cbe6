"""How far a practice wants to go, asked first; the first useful hour never waits for a push certificate."""

from django.utils.translation import gettext as _

from pocketward.web.components.crumbs import Choice


def level_choices(level: int) -> tuple[Choice, ...]:
    """The four levels of adoption, the present one chosen; each says what of it works today."""
    texts = (
        (_("Only the program"), _("People, duties, lost-phone page, ledger. No phone is managed.")),
        (
            _("With the management you have"),
            _("Today this is only the program: other MDMs cannot be connected yet. Your phones stay there."),
        ),
        (_("iPhones and iPads, managed here"), _("Needs Apple’s push certificate.")),
        (
            _("iPhones and iPads, with an IT provider"),
            _("They work under a grant that you see and can end. Android phones cannot be managed yet."),
        ),
    )
    return tuple(
        Choice(str(number), label, number == level, hint) for number, (label, hint) in enumerate(texts)
    )
