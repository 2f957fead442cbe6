"""Sign-ins, good and bad, as sealed facts of every practice the account belongs to."""

from __future__ import annotations

import logging
from uuid import UUID

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest

from pocketward.access.events import SignedInToConsole, SignInFailed
from pocketward.access.sign_in.sender import address_of_sender
from pocketward.kernel import networks
from pocketward.practice import api as practice_api
from pocketward.spine.api import practice_scope, record, unit_of_work

log = logging.getLogger(__name__)


def network_digest(request: HttpRequest) -> str:
    """A keyed digest of the sender's network: the same network shows as the same, and no address is kept."""
    return networks.network_digest(address_of_sender(request), settings.POCKETWARD.secret_key)[:32]


def _places(account_id: UUID | None) -> tuple[tuple[UUID, UUID | None], ...]:
    practices = tuple(practice.id for practice in practice_api.practices())
    if account_id is not None:
        found = practice_api.memberships(account_id=account_id, practice_ids=practices)
        if found:
            return found
    # Nobody's account: only where there is one practice is it clear whose door was tried.
    return ((practices[0], None),) if len(practices) == 1 else ()


def note_failed(request: HttpRequest, *, account_id: UUID | None, method: str) -> None:
    """Somebody failed to sign in: a sealed fact of each practice that the account belongs to.

    The server's log has every failure, also where no practice is concerned: method and network, no name.
    """
    network, places = network_digest(request), _places(account_id)
    log.warning("failed sign-in: method=%s network=%s practices=%s", method, network[:16], len(places))
    for practice_id, member_id in places:
        with practice_scope(practice_id):
            _failed(practice_id, member_id, method, network)


def note_too_many(request: HttpRequest, *, account_id: UUID | None, method: str) -> None:
    """A try past the limit: recorded once a minute for each sender, so that a flood fills no ledger."""
    if ratelimit.consume(request, action="too_many_tries"):
        note_failed(request, account_id=account_id, method=f"{method}, too many tries")


@unit_of_work
def _failed(practice_id: UUID, member_id: UUID | None, method: str, network: str) -> None:
    record(
        SignInFailed(
            practice_id=practice_id,
            actor=f"anonymous:{network[:16]}",
            subject=f"member:{member_id}" if member_id else "sign-in",
            method=method,
            network=network,
        )
    )


def note_signed_in(request: HttpRequest, *, account_id: UUID, method: str) -> None:
    """Somebody signed in to the console."""
    for practice_id, member_id in _places(account_id):
        if member_id is not None:
            with practice_scope(practice_id):
                _signed_in(practice_id, member_id, method, network_digest(request))


@unit_of_work
def _signed_in(practice_id: UUID, member_id: UUID, method: str, network: str) -> None:
    person = practice_api.get_member(member_id=member_id)
    record(
        SignedInToConsole(
            practice_id=practice_id,
            actor=f"member:{member_id}",
            actor_name=person.full_name,
            subject=f"member:{member_id}",
            method=method,
            network=network,
        )
    )
