"""What phones say that we do not know."""

from __future__ import annotations

from django.db import models

from pocketward.kernel import clock
from pocketward.spine.api import PracticeModel


class UnknownKey(PracticeModel):
    """How often a key that nobody describes came in messages of one kind. Its name, never its value."""

    message = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    count = models.PositiveBigIntegerField(default=1)
    first_at = models.DateTimeField(default=clock.now)
    last_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["practice", "message", "key"], name="unknown_key_once"),
        )
