"""What stands around a page: the console's bar and foot, or the staff page's head and phone numbers."""

from dataclasses import dataclass, field
from typing import Literal

Section = Literal["home", "phones", "people", "incidents", "proof", ""]


@dataclass(frozen=True)
class NavItem:
    """One of the five words. `count` is how many things there want a look (0 shows nothing)."""

    section: Section
    label: str
    icon: str
    url: str
    count: int = 0
    count_label: str = ""


@dataclass(frozen=True)
class ProviderBar:
    """Shown on every page while a technician of an IT provider is inside a practice."""

    technician: str
    provider: str
    hue: int
    until: str
    leave_url: str


@dataclass(frozen=True)
class MenuItem:
    """A line of the account menu."""

    label: str
    url: str
    icon: str
    post: bool = False


@dataclass(frozen=True)
class ConsoleShell:
    """Around a console page. `demo` shows the banner; `stamp` is the practice's clock for the foot."""

    practice_name: str
    home_url: str
    section: Section
    nav: tuple[NavItem, ...]
    search_url: str
    lost_url: str
    setup_url: str
    person_name: str
    initials: str
    menu: tuple[MenuItem, ...]
    stamp: str
    demo: bool = False
    provider: ProviderBar | None = None
    help_url: str = ""
    kill_switch: bool = False


@dataclass(frozen=True)
class PhoneNumber:
    """A number to call, shown as `label`, dialled as `dial` (digits and + only)."""

    label: str
    dial: str


@dataclass(frozen=True)
class StaffShell:
    """Around a staff page. `other_language_url` leads to the same page in the other language."""

    practice_name: str
    language: Literal["en", "es"]
    other_language_url: str
    home_url: str = ""
    numbers: tuple[PhoneNumber, ...] = ()
    leaves_no_trace: bool = False
    demo: bool = False
    stamp: str = ""
    extra: tuple[str, ...] = field(default=())
