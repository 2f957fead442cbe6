"""Emergency access: who opened what, why, until when, and who looked at it afterwards."""

from __future__ import annotations

from django.db import models

from pocketward.access.models.apps import App
from pocketward.kernel import clock
from pocketward.spine.api import PracticeModel


class EmergencyGrant(PracticeModel):
    """One person, one app, half an hour. `reason` is one of a closed list: free words would name patients."""

    member = models.ForeignKey("practice.WorkforceMember", on_delete=models.PROTECT, related_name="+")
    app = models.ForeignKey(App, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=30)
    strength = models.CharField(max_length=20)
    device_id_used = models.UUIDField(null=True)
    opened_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    read_by = models.UUIDField(null=True)
    read_at = models.DateTimeField(null=True)
    reviewed_by = models.UUIDField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    finding = models.CharField(max_length=20, blank=True)

    class Meta(PracticeModel.Meta):
        constraints = ()
        indexes = (models.Index(fields=["practice", "reviewed_at"], name="emergency_to_review"),)
