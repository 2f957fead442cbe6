"""Requests for an Apple push certificate, whose keys were made here."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pocketward.kernel import clock
from pocketward.spine.api import EncryptedText, PracticeModel


class PushRequest(PracticeModel):
    """A key pair made on this server and the request for its certificate; at most one waits.

    One that was overtaken keeps the digest of its public key, to know its certificate again, but no key.
    """

    WAITING, USED, OVERTAKEN = "waiting", "used", "overtaken"

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, default=WAITING)
    request_pem = models.TextField()
    # SHA-256 of the public key (SubjectPublicKeyInfo), in hex.
    key_digest = models.CharField(max_length=64)
    # None once another request took over, or once the certificate came and its row holds the key.
    key_pem = EncryptedText(null=True)
    made_by = models.CharField(max_length=100)
    made_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["practice", "number"], name="push_request_number_once"),
            models.UniqueConstraint(
                fields=["practice"], condition=Q(state="waiting"), name="push_request_waiting_once"
            ),
        )
