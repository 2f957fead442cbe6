"""The mailbox takes what is sent over SMTP and keeps the newest."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from devicelab.mailbox import LARGEST_MAIL, MOST_MAILS, Mailbox


@pytest.fixture(scope="module")
def box() -> Iterator[tuple[Mailbox, int]]:
    """A mailbox that listens, and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    made = Mailbox()
    made.start(port)
    yield made, port
    made.stop()


def letter(subject: str, text: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "pocketward@example.org", "dana@example.org", subject
    made.set_content(text)
    return made


def test_a_mail_is_kept_with_its_words_and_the_clinics_time(box: tuple[Mailbox, int]) -> None:
    mailbox, port = box
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        client.send_message(letter("Invitación", "Ábralo: http://localhost:8000/join/x"))
    mail = mailbox.mails[-1]
    assert mail["to"] == ["dana@example.org"]
    assert mail["subject"] == "Invitación"
    assert "http://localhost:8000/join/x" in mail["text"]
    assert mail["at"].endswith("+00:00")


def test_the_oldest_mails_go_and_numbers_stay_unique(box: tuple[Mailbox, int]) -> None:
    mailbox, port = box
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        for number in range(MOST_MAILS + 2):
            client.send_message(letter(str(number), "x"))
    assert len(mailbox.mails) == MOST_MAILS
    assert mailbox.mails[-1]["subject"] == str(MOST_MAILS + 1)
    assert len({mail["number"] for mail in mailbox.mails}) == MOST_MAILS


def test_a_mail_that_is_too_large_is_refused(box: tuple[Mailbox, int]) -> None:
    mailbox, port = box
    before = len(mailbox.mails), mailbox.mails[-1]["number"] if mailbox.mails else 0
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client, pytest.raises(smtplib.SMTPException):
        client.send_message(letter("Big", "x" * 60 + ("\n" + "x" * 60) * (LARGEST_MAIL // 60)))
    assert (len(mailbox.mails), mailbox.mails[-1]["number"] if mailbox.mails else 0) == before
