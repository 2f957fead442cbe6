"""Decisions of the gates, with the facts they were made from, and what no honest client does."""

from __future__ import annotations

from django.db import models

from pocketward.spine.api import PracticeModel


class DecisionRow(PracticeModel):
    """A refusal, or the first of equal grants; its key is the one in the public id. Never changed.

    `stored` is the packed decision with its facts: enough to make it again.
    """

    made_at = models.DateTimeField()
    outcome = models.CharField(max_length=15)
    would_have = models.CharField(max_length=15, blank=True)
    mode = models.CharField(max_length=8)
    rule = models.CharField(max_length=80, blank=True)
    codes = models.JSONField(default=list)
    client = models.CharField(max_length=12)
    resource = models.CharField(max_length=10, blank=True)
    network = models.CharField(max_length=64, blank=True)
    member_id = models.UUIDField(null=True)
    device_id = models.UUIDField(null=True)
    app_id = models.UUIDField(null=True)
    policy_digest = models.CharField(max_length=64, blank=True)
    stored = models.BinaryField()

    class Meta(PracticeModel.Meta):
        db_table = "access_decision"
        indexes = (
            models.Index(fields=["practice", "made_at"], name="decision_by_time"),
            models.Index(fields=["practice", "device_id", "made_at"], name="decision_by_device"),
            models.Index(fields=["practice", "member_id", "made_at"], name="decision_by_member"),
        )


class DecisionMinute(PracticeModel):
    """How often a decision was given again in one minute; sealed once the minute is over."""

    decision_id = models.UUIDField()
    minute = models.DateTimeField()
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    last_at = models.DateTimeField()
    sealed = models.BooleanField(default=False)

    class Meta(PracticeModel.Meta):
        db_table = "access_decision_minute"
        constraints = (
            models.UniqueConstraint(
                fields=["practice", "decision_id", "minute"], name="decision_minute_once"
            ),
        )
        indexes = (models.Index(fields=["practice", "sealed", "minute"], name="decision_minute_open"),)


class GateAlarm(PracticeModel):
    """A security event at a gate: headers without proof, a certificate that is not ours, a moved session."""

    code = models.CharField(max_length=40)
    happened_at = models.DateTimeField()
    host = models.CharField(max_length=253, blank=True)
    network_digest = models.CharField(max_length=16, blank=True)

    class Meta(PracticeModel.Meta):
        db_table = "access_gate_alarm"
        indexes = (models.Index(fields=["practice", "happened_at"], name="gate_alarm_by_time"),)
