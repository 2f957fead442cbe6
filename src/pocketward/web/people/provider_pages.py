"""Page model of the IT provider's technicians: who is let in, who was, and the form to let one in."""

from collections.abc import Mapping
from dataclasses import dataclass

from pocketward.web.components.crumbs import Crumb, FieldError, PlainLine


@dataclass(frozen=True)
class TechnicianLine:
    """Somebody who is let in. `end_url`, `invite_url` are empty where this person may not, or need not."""

    name: str
    provider: str
    email: str
    when: str
    sign_in: str
    end_url: str
    invite_url: str


@dataclass(frozen=True)
class ProviderPage:
    """The IT provider's people. `give_url` is empty for everybody but an owner."""

    title: str
    crumbs: tuple[Crumb, ...]
    say: str
    follow: str
    now: tuple[TechnicianLine, ...]
    before: tuple[PlainLine, ...]
    values: Mapping[str, str]
    give_url: str
    invitation: str = ""
    prove_url: str = ""
    errors: tuple[FieldError, ...] = ()
    toast: str = ""
