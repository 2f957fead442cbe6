"""Page models of the staff pages about one's own phone."""

from dataclasses import dataclass

from pocketward.web.components.crumbs import Choice
from pocketward.web.components.shell import PhoneNumber
from pocketward.web.components.words import Status
from pocketward.web.phones.app_lines import AppLine


@dataclass(frozen=True)
class Tile:
    """One of the things on the staff home."""

    icon: str
    title: str
    text: str
    url: str
    status: Status | None = None
    status_word: str = ""


@dataclass(frozen=True)
class StaffHomePage:
    """Hello, and the tiles."""

    title: str
    say: str
    tiles: tuple[Tile, ...]
    console_url: str = ""
    sign_out_url: str = ""
    account_url: str = ""


@dataclass(frozen=True)
class CheckLine:
    """One check in words a person can act on."""

    status: Status
    title: str
    text: str
    fix_url: str = ""


@dataclass(frozen=True)
class FixCard:
    """The first thing to fix: minutes, what is needed, and the way there."""

    title: str
    minutes: str
    needs: str
    url: str


@dataclass(frozen=True)
class HeldLine:
    """One fact we hold: what, its value, and since when or until when."""

    what: str
    value: str
    age: str = ""


@dataclass(frozen=True)
class MyPhonePage:
    """One's phone: its state, the fix, all checks, and what is seen of it."""

    title: str
    status: Status
    say: str
    text: str
    checks: tuple[CheckLine, ...]
    check_url: str
    checked: str
    sees: tuple[HeldLine, ...]
    never: tuple[str, ...]
    kept: tuple[HeldLine, ...]
    held_url: str
    back_url: str
    fix: FixCard | None = None
    personal: bool = False
    restore_url: str = ""
    confirm_url: str = ""
    said: str = ""
    apps: tuple[AppLine, ...] = ()


@dataclass(frozen=True)
class FixStep:
    """One tap: the text before the label, the label as it stands on the phone, the text after."""

    before: str
    label: str = ""
    after: str = ""


@dataclass(frozen=True)
class FixPage:
    """How to fix one check on this kind of phone."""

    title: str
    say: str
    why: str
    minutes: str
    needs: tuple[str, ...]
    steps_title: str
    steps: tuple[FixStep, ...]
    check_url: str
    reads: str
    deadline: str
    wrong: str
    ask: str
    back_url: str


@dataclass(frozen=True)
class HeldGroup:
    """Facts of one kind that we hold about a person."""

    title: str
    note: str
    lines: tuple[HeldLine, ...]


@dataclass(frozen=True)
class HeldPage:
    """Everything we hold about the person who reads it, from the stored rows."""

    title: str
    say: str
    text: str
    groups: tuple[HeldGroup, ...]
    back_url: str


@dataclass(frozen=True)
class LosePage:
    """One's own phones and the shared tablets, of which one is lost."""

    title: str
    action: str
    phones: tuple[Choice, ...]
    tablets: tuple[Choice, ...]
    tablet_chosen: bool
    when: str
    callback: str
    error: str
    back_url: str
    open_url: str


@dataclass(frozen=True)
class ReportedLine:
    """One thing that was done, or is still to come."""

    icon: str
    title: str
    text: str


@dataclass(frozen=True)
class ReportedPage:
    """What became of one's own report; `over`: it was reversed."""

    title: str
    say: str
    received: str
    lines: tuple[ReportedLine, ...]
    number: PhoneNumber | None
    over: bool
    again_url: str
    back_url: str


@dataclass(frozen=True)
class VouchPage:
    """The code to say to a colleague, once it was made."""

    title: str
    action: str
    code: str
    error: str
    back_url: str
