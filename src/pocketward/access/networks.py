"""The practice's own networks: named zones that permits and rules may ask for."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from uuid import UUID

from pocketward.access.errors import NetworkRefused
from pocketward.access.events import NetworkNamed
from pocketward.access.models import Network
from pocketward.access.permits import end_permits_of
from pocketward.access.publishing import publish_practice
from pocketward.gate.language import IDENTIFIER
from pocketward.gate.snapshot import ELSEWHERE
from pocketward.pki import api as pki_api
from pocketward.spine.api import record, unit_of_work

MOST_CIDRS = 32
# A wider network than this would be half the world by mistake.
WIDEST = {4: 8, 6: 16}


@dataclass(frozen=True)
class NetworkRecord:
    """A zone id and the addresses it is seen from (CIDR)."""

    zone: str
    cidrs: tuple[str, ...]


@unit_of_work
def name_network(*, practice_id: UUID, zone: str, cidrs: tuple[str, ...], by: str) -> None:
    """Say which addresses a network is seen from; no addresses: forget it. NetworkRefused.

    Permits that name the zone count from the next request on.
    """
    written = checked_network(zone, cidrs)
    if written:
        Network.objects.update_or_create(
            practice_id=practice_id, zone=zone, defaults={"cidrs": list(written)}
        )
    else:
        # A permit for a network that is forgotten must not come back to life with its name.
        Network.objects.filter(practice_id=practice_id, zone=zone).delete()
        end_permits_of(network=zone, by=by)
    publish_practice(practice_id, pki_api.trust_anchors(practice_id=practice_id))
    record(
        NetworkNamed(practice_id=practice_id, actor=by, subject=f"network:{zone}", zone=zone, cidrs=written)
    )


def checked_network(zone: str, cidrs: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses as they are kept; NetworkRefused says that zone or addresses cannot be."""
    if not IDENTIFIER.fullmatch(zone) or zone == ELSEWHERE:
        raise NetworkRefused()
    if len(cidrs) > MOST_CIDRS:
        raise NetworkRefused(f"Write at most {MOST_CIDRS} addresses.", field="cidrs")
    return tuple(_cidr(text) for text in cidrs)


def networks(*, practice_id: UUID) -> tuple[NetworkRecord, ...]:
    """The named networks, by zone."""
    rows = Network.objects.filter(practice_id=practice_id).order_by("zone")
    return tuple(NetworkRecord(row.zone, tuple(row.cidrs)) for row in rows)


def _cidr(text: str) -> str:
    said = text[:50]
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as error:
        why = f"{said} is no address, such as 203.0.113.0/28."
        raise NetworkRefused(why, field="cidrs") from error
    if ipaddress.ip_interface(text.strip()).ip != network.network_address:
        why = (
            f"{said} is one address in a network. Write {network} for all of it, or the address without “/”."
        )
        raise NetworkRefused(why, field="cidrs")
    widest = WIDEST[network.version]
    if network.prefixlen < widest:
        raise NetworkRefused(f"{said} is too wide: the widest that is taken is /{widest}.", field="cidrs")
    return str(network)
