"""What this page can see of the server itself; the whole examination is `pocketward doctor`."""

from datetime import datetime, timedelta
from shutil import disk_usage

from django.conf import settings
from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.ledger import api as ledger_api
from pocketward.web.components.crumbs import PlainLine
from pocketward.web.visitor import Visitor

BACKUP_KIND = "ledger.backup_made"
BACKUP_AGE = timedelta(days=2)
LEAST_FREE_BYTES = 2_000_000_000


def mail_is_set() -> bool:
    """Whether there is a mail server to send alerts through."""
    return bool(settings.POCKETWARD.mail.host)


def last_backup(visitor: Visitor) -> datetime | None:
    """When the newest backup was written, as the ledger has it."""
    found = ledger_api.entries(practice_id=visitor.practice.id, kinds=(BACKUP_KIND,), limit=1)
    return found[0].occurred_at if found else None


def server_lines(visitor: Visitor) -> tuple[PlainLine, ...]:
    """Address, mail, backup, disk, kill switch: a mark and a word each."""
    made, free = last_backup(visitor), disk_usage(settings.POCKETWARD.home).free
    is_fresh = made is not None and visitor.clock.now - made < BACKUP_AGE
    switch = _("on: nothing is erased") if fleet_api.kill_switch_is_on() else _("off")
    return (
        _line(
            _("Address"), settings.POCKETWARD.people_url, settings.POCKETWARD.people_url.startswith("https")
        ),
        _line(_("Mail"), _("set") if mail_is_set() else _("none: alerts show on pages only"), mail_is_set()),
        _line(_("Last backup"), visitor.clock.when(made) if made else _("none yet"), is_fresh),
        _line(_("Free on the disk"), f"{free / 1e9:.0f} GB", free > LEAST_FREE_BYTES),
        _line(
            _("Kill switch"),
            switch if settings.POCKETWARD.kill_switch_file else _("no place for it is set"),
            settings.POCKETWARD.kill_switch_file is not None and not fleet_api.kill_switch_is_on(),
        ),
    )


def _line(label: str, value: str, good: bool) -> PlainLine:
    return PlainLine(label, value, icon="check" if good else "fix")
