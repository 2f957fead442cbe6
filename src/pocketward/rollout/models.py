"""Changes that wait for a second officer, or for their time."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pocketward.kernel import clock
from pocketward.spine.api import PracticeModel


class PendingChange(PracticeModel):
    """A change that would close many phones at once: who asked for what, and how far it is."""

    WAITING, APPROVED, APPLIED, DROPPED = "waiting", "approved", "applied", "dropped"
    OPEN = (WAITING, APPROVED)

    what = models.CharField(max_length=12)
    payload = models.JSONField()
    digest = models.CharField(max_length=64)
    # What stood when it was asked for; if something else stands when its time comes, it is dropped.
    based_on = models.CharField(max_length=64)
    reason = models.CharField(max_length=200, blank=True)
    closes = models.PositiveIntegerField()
    # Phones that one person's small changes closed in the day before it was asked for.
    lately = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField()
    state = models.CharField(max_length=10, default=WAITING)
    ordered_by = models.UUIDField()
    ordered_at = models.DateTimeField(default=clock.now)
    approved_by = models.UUIDField(null=True)
    effective_from = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice", "digest"],
                condition=Q(state__in=("waiting", "approved")),
                name="pending_change_once",
            ),
        )


class ClosedPhone(PracticeModel):
    """A device that a small change of one person closed; kept for a day, to add small changes up.

    No key to the device: a computer that nobody checks counts by the person who uses it.
    """

    device_id = models.UUIDField()
    what = models.CharField(max_length=12)
    closed_by = models.UUIDField()
    closed_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        indexes = (models.Index(fields=["practice", "closed_at"], name="closed_phone_by_time"),)
