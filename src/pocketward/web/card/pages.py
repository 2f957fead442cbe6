"""The page model of the card."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CardPage:
    """A sheet of equal cards. `qr_svg` leads to `address`; `spoken`: language, and what is said in it."""

    title: str
    practice_name: str
    address: str
    qr_svg: str
    number: str
    copies: tuple[int, ...]
    spoken: tuple[tuple[str, str], ...]
    toast: str = ""
