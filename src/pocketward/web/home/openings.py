"""The ways past the checks that a practice left open itself: they are said on Home as long as they last."""

from django.utils.translation import gettext as _

from pocketward.access import api as access_api
from pocketward.web.components.crumbs import PlainLine
from pocketward.web.visitor import Visitor


def openings(visitor: Visitor) -> tuple[PlainLine, ...]:
    """Record systems that are only watched, and permits for devices that are not checked."""
    place, clock = f"{visitor.base}setup/", visitor.clock
    watched = tuple(
        PlainLine(
            _("%(app)s is only watched: nobody is refused there.") % {"app": app.name},
            url=f"{place}records/{app.id}/",
        )
        for app in access_api.apps(practice_id=visitor.practice.id)
        if app.is_ours and not app.closes
    )
    text = _("Not checked: devices on %(network)s open %(app)s until %(day)s.")
    permits = tuple(
        PlainLine(
            text
            % {
                "network": item.network,
                "app": item.app_name,
                "day": clock.date(item.expires_at) if item.expires_at else _("it is ended"),
            },
            url=f"{place}networks/",
        )
        for item in access_api.permits(practice_id=visitor.practice.id)
        if item.is_open(clock.now)
    )
    return (*watched, *permits)
