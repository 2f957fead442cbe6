"""The model of a page that only says something."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NoticePage:
    """A sentence, a line of consequence, and one way on."""

    title: str
    say: str
    text: str
    url: str = ""
    link: str = ""
    mark: str = ""
