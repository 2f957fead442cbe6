"""A practice with a few sealed facts and a piece of evidence, made in the home the environment names."""

from __future__ import annotations

import sys

import django

django.setup()

from pocketward.ledger import api as ledger  # noqa: E402
from pocketward.practice import api as practice_api  # noqa: E402
from pocketward.spine.api import keep_evidence, practice_scope, practices_with_keys, read_evidence  # noqa: E402
from pocketward.spine.keys import make_master_key  # noqa: E402

EVIDENCE = b"the wire as it was " * 5000


def make() -> None:
    """The practice, two people, evidence on disk, a sealed and published ledger."""
    make_master_key()
    practice_api.be_born(world="demo")
    practice = practice_api.create_practice(name="Harbor Street Clinic", by="system:test")
    with practice_scope(practice.id):
        for name in ("Dana Example", "Ben Sample"):
            practice_api.add_member(
                practice_id=practice.id, full_name=name, email=f"{name.split()[0].lower()}@example.org",
                role_names=("owner",), by="system:test",
            )  # fmt: skip
        digest = keep_evidence(practice_id=practice.id, data=EVIDENCE, media_type="text/plain", kind="test")
    ledger.seal_pending()
    print(practice.id, digest)


def grow() -> None:
    """One more sealed fact."""
    (practice_id,) = practices_with_keys()
    with practice_scope(practice_id):
        practice_api.add_member(
            practice_id=practice_id, full_name="Eve Later", email="eve@example.org",
            role_names=("clinician",), by="system:test",
        )  # fmt: skip
    print(ledger.seal_pending())


def look(digest: str) -> None:
    """Everything that a restored server needs can be read."""
    (practice_id,) = practices_with_keys()
    with practice_scope(practice_id):
        assert read_evidence(practice_id=practice_id, digest=digest) == EVIDENCE
        names = sorted(member.full_name for member in practice_api.members(practice_id=practice_id))
    print(ledger.seal_pending(), ",".join(names))


def drain() -> None:
    """What the gates' files hold is taken in: how many alarms there are, and how many events of them."""
    from pocketward.access.api import drain_decisions
    from pocketward.access.models import GateAlarm
    from pocketward.spine.api import event_bodies

    drain_decisions()
    (practice_id,) = practices_with_keys()
    with practice_scope(practice_id):
        events = list(event_bodies(practice_id=practice_id, kinds=("access.gate_alarm_raised",)))
        print(GateAlarm.objects.count(), len(events))


if __name__ == "__main__":
    {"make": make, "grow": grow, "look": look, "drain": drain}[sys.argv[1]](*sys.argv[2:])
