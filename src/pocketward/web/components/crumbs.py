"""Small parts that many page models hold: the path above a page, tabs, and plain lines."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Crumb:
    """A step of the path above a page; the last has no address."""

    label: str
    url: str = ""


@dataclass(frozen=True)
class Tab:
    """A tab is a link."""

    label: str
    url: str
    here: bool = False


@dataclass(frozen=True)
class PlainLine:
    """A label and its value, with a link or an icon where one helps."""

    label: str
    value: str = ""
    url: str = ""
    icon: str = ""


@dataclass(frozen=True)
class FieldError:
    """A fault in a form, linked to its field; no field means the whole form."""

    text: str
    field: str = ""


@dataclass(frozen=True)
class Choice:
    """An option of a list or a set of boxes."""

    value: str
    label: str
    chosen: bool = False
    hint: str = ""


@dataclass(frozen=True)
class TimelineLine:
    """One line of a timeline; `key` stands out, `day` is a heading before the first line of a day."""

    time: str
    icon: str
    text: str
    source: str = ""
    key: bool = False
    day: str = ""
