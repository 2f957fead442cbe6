"""Hands a report on. What follows from it is `response`'s to decide; nothing of that comes back here."""

from django.conf import settings

from pocketward.kernel.crypto import derive_key, hmac_sha256
from pocketward.practice.api import PracticeRecord
from pocketward.response import api as response_api
from pocketward.web.lost.form import LostAnswers


def pass_on(practice: PracticeRecord, answers: LostAnswers, *, address: str) -> None:
    """Report a loss, or that a phone was found, in the scope of `practice`; `address` is the sender's."""
    network = network_digest(address)
    if answers.wish == "again":
        response_api.report_found(
            practice_id=practice.id, said=answers.who, callback=answers.callback, network=network
        )
        return
    response_api.report_loss(
        practice_id=practice.id,
        said=answers.who,
        when_seen=answers.when,
        callback=answers.callback,
        network=network,
    )


def network_digest(address: str) -> str:
    """The sender's network as a keyed digest: reports from one place are alike, the place stays unsaid."""
    key = derive_key(settings.SECRET_KEY.encode(), "report networks")
    return hmac_sha256(key, address.encode()).hex()
