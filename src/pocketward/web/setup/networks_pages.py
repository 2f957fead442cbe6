"""Page models of networks and of permits for devices that are not checked."""

from collections.abc import Mapping
from dataclasses import dataclass

from pocketward.web.components.crumbs import Choice, FieldError, Tab


@dataclass(frozen=True)
class NetworkLine:
    """A named network and where it is seen from."""

    zone: str
    cidrs: str


@dataclass(frozen=True)
class PermitLine:
    """A permit: which app, where, why, by whom, until when; `end_url` is empty when it is over."""

    app: str
    network: str
    reason: str
    given: str
    until: str
    is_open: bool
    end_url: str


@dataclass(frozen=True)
class NetworksPage:
    """The networks, the permits, and a form for each."""

    title: str
    tabs: tuple[Tab, ...]
    say: str
    follow: str
    networks: tuple[NetworkLine, ...]
    permits: tuple[PermitLine, ...]
    over: tuple[PermitLine, ...]
    apps: tuple[Choice, ...]
    zones: tuple[Choice, ...]
    values: Mapping[str, str]
    forget_url: str
    permit_url: str
    your_address: str
    can_change: bool
    prove_url: str = ""
    errors: tuple[FieldError, ...] = ()
    toast: str = ""
