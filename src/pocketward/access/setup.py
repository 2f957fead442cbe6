"""What a new practice needs before anything can reach records: an authority, rules, published facts."""

from __future__ import annotations

from uuid import UUID

from pocketward.access.models import RulesVersion
from pocketward.access.publishing import publish_person, publish_practice
from pocketward.access.rules import set_default_rules
from pocketward.pki import api as pki_api
from pocketward.practice import api as practice_api
from pocketward.spine.api import unit_of_work


@unit_of_work
def prepare_practice(*, practice_id: UUID, by: str) -> None:
    """Give a practice its authority and the rules to start with, and publish its people. Safe to repeat."""
    pki_api.ensure_authority(practice_id=practice_id)
    publish_practice(practice_id, pki_api.trust_anchors(practice_id=practice_id))
    if not RulesVersion.objects.filter(practice_id=practice_id).exists():
        set_default_rules(practice_id=practice_id, by=by)
    for person in practice_api.members(practice_id=practice_id):
        publish_person(person.id)
