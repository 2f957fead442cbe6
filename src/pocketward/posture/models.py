"""The posture of each device, and imported release feeds."""

from __future__ import annotations

from django.db import models

from pocketward.kernel import clock
from pocketward.spine.api import PracticeModel


class DevicePosture(PracticeModel):
    """What the checks said last."""

    device = models.ForeignKey("fleet.Device", on_delete=models.PROTECT, related_name="+")
    posture = models.CharField(max_length=15)
    checks = models.JSONField(default=list)
    fresh_until = models.DateTimeField()
    since = models.DateTimeField()
    device_kind = models.CharField(max_length=20)
    ownership = models.CharField(max_length=10)
    shared = models.BooleanField(default=False)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "device"], name="device_posture_once"),)


class ReleaseFeedRow(models.Model):
    """The newest imported feed of operating system releases (reference data, identity plane)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    body = models.BinaryField()
    published_at = models.DateTimeField()
    imported_at = models.DateTimeField(default=clock.now)
