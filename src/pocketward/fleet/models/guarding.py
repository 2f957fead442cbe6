"""What the guard reads: its options, approvals, and the tally across practices."""

from __future__ import annotations

from django.db import models

from pocketward.fleet.models.commands import Command
from pocketward.kernel import clock
from pocketward.spine.api import PracticeModel


class GuardOptions(PracticeModel):
    """A practice's budgets. A change needs a second approver and takes effect after 24 hours."""

    per_hour = models.PositiveSmallIntegerField(default=2)
    percent_per_day = models.PositiveSmallIntegerField(default=5)
    least_per_day = models.PositiveSmallIntegerField(default=2)
    ordered_by = models.CharField(max_length=100)
    approved_by = models.CharField(max_length=100, blank=True)
    made_at = models.DateTimeField(default=clock.now)
    # None until a second person has approved it.
    effective_from = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["practice", "effective_from"], name="guard_options_once"),
        )


class Approval(PracticeModel):
    """A second person's yes to one destructive command."""

    command = models.ForeignKey(Command, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("practice.WorkforceMember", on_delete=models.PROTECT, related_name="+")
    strength = models.CharField(max_length=20)
    at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["practice", "command", "member"], name="approval_once"),
        )


class InstallationTally(models.Model):
    """Destructive commands authorized per hour over all practices of this server (identity plane)."""

    hour = models.DateTimeField(primary_key=True)
    authorized = models.PositiveIntegerField(default=0)
