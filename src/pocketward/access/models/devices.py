"""Holds, and what access knows of each device."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pocketward.kernel import clock
from pocketward.spine.api import PracticeModel


class Hold(PracticeModel):
    """Records closed on a device by a report or an officer, until that is lifted."""

    device = models.ForeignKey("fleet.Device", on_delete=models.PROTECT, related_name="+")
    # The case of a report; empty when an officer closed records under none.
    case_ref = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200)
    placed_by = models.CharField(max_length=100)
    placed_at = models.DateTimeField(default=clock.now)
    lifted_by = models.CharField(max_length=100, blank=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice", "device", "case_ref"], condition=Q(lifted_at=None), name="hold_once"
            ),
        )


class DeviceAccess(PracticeModel):
    """The facts of a device that the gate decides from, gathered from events."""

    device = models.ForeignKey("fleet.Device", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, blank=True)
    ownership = models.CharField(max_length=10, default="personal")
    shared = models.BooleanField(default=False)
    holder = models.CharField(max_length=36, blank=True)
    posture = models.CharField(max_length=15, default="unknown")
    checks = models.JSONField(default=list)
    fresh_until = models.DateTimeField(null=True)
    last_heard = models.DateTimeField(null=True)
    lost = models.BooleanField(default=False)
    # A hold was lifted then: records stay closed until the device has told its state afresh and passed.
    must_report_since = models.DateTimeField(null=True)
    fingerprints = models.JSONField(default=list)
    serials = models.JSONField(default=list)
    certificate_state = models.CharField(max_length=10, default="none")
    open = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "device"], name="device_access_once"),)
