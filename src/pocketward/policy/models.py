"""Versions of a practice's policy document."""

from __future__ import annotations

from django.db import models

from pocketward.kernel import clock
from pocketward.spine.api import PracticeModel


class PolicyVersion(PracticeModel):
    """One version of the policy file, comments and all; the newest is in force."""

    number = models.PositiveIntegerField()
    text = models.TextField()
    author = models.CharField(max_length=100)
    reason = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "number"], name="policy_version_once"),)
