"""Hands a report on. What follows from it is `response`'s to decide; nothing of that comes back here."""

from pocketward.practice.api import PracticeRecord
from pocketward.response import api as response_api
from pocketward.web.lost.form import LostAnswers


def pass_on(practice: PracticeRecord, answers: LostAnswers, *, network: str) -> None:
    """Report a loss, or that a phone was found, in the scope of `practice`; `network` is a digest."""
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
        colleague_code=answers.code,
    )
