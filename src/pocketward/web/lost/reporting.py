"""Hands a report on. What follows from it is `response`'s to decide; nothing of that comes back here."""

from datetime import datetime

from pocketward.practice.api import PracticeRecord
from pocketward.response import api as response_api
from pocketward.web.lost.form import LostAnswers


def pass_on(practice: PracticeRecord, answers: LostAnswers, *, network: str) -> datetime:
    """Report a loss, or that a phone was found, in the scope of `practice`; when this form came in first.

    `network` is a digest. A form that was sent already, word for word, within the hour reports nothing new.
    """
    said = (answers.wish, answers.who, answers.when, answers.callback, answers.code)
    form = response_api.form_key(token=answers.token, words=said)
    _report(practice, answers, network, form)
    return response_api.received_at(practice_id=practice.id, form=form)


def _report(practice: PracticeRecord, answers: LostAnswers, network: str, form: str) -> None:
    if answers.wish == "again":
        response_api.report_found(
            practice_id=practice.id, said=answers.who, callback=answers.callback, network=network, form=form
        )
        return
    response_api.report_loss(
        practice_id=practice.id,
        said=answers.who,
        when_seen=answers.when,
        callback=answers.callback,
        network=network,
        colleague_code=answers.code,
        form=form,
    )
