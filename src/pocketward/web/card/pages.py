"""The page model of the card."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CardPage:
    """A sheet of equal cards. `qr_svg` leads to `address`; `language` is of the card's text."""

    title: str
    practice_name: str
    address: str
    qr_svg: str
    number: str
    copies: tuple[int, ...]
    toast: str = ""
