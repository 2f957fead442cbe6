"""The page model of an act on many phones: the frozen list by name, before anything happens."""

from dataclasses import dataclass

from pocketward.web.components.crumbs import Crumb


@dataclass(frozen=True)
class PickedPhone:
    """One phone of the list, and why it cannot be acted on, if so."""

    name: str
    cannot: str = ""


@dataclass(frozen=True)
class BulkPage:
    """`frozen` is the list as the server signed it."""

    title: str
    crumbs: tuple[Crumb, ...]
    say: str
    phones: tuple[PickedPhone, ...]
    frozen: str
    action: str
    back_url: str
    toast: str = ""
