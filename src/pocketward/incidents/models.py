"""Cases, when each may have been discovered, the exposure worksheet."""

from __future__ import annotations

from django.db import models

from pocketward.kernel import clock
from pocketward.spine.api import EncryptedBytes, EncryptedText, PracticeModel

OPEN, CLOSED, REVERSED = "open", "closed", "reversed"
PRESUMED, BREACH, LOW_PROBABILITY = "presumed_breach", "breach", "low_probability"


class Case(PracticeModel):
    """One incident. It counts as a breach until a named person decides otherwise."""

    case_ref = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, default="lost_device")
    state = models.CharField(max_length=10, default=OPEN)
    member_name = models.CharField(max_length=120, blank=True)
    labels = models.JSONField(default=list)
    device_ids = models.JSONField(default=list)
    outcome = models.CharField(max_length=20)
    discovered_at = models.DateTimeField()
    discovered_why = models.CharField(max_length=200)
    verdict = models.CharField(max_length=20, default=PRESUMED)
    verdict_reason = EncryptedText(null=True)
    verdict_by = models.CharField(max_length=100, blank=True)
    verdict_at = models.DateTimeField(null=True)
    lead = models.CharField(max_length=100, blank=True)
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["practice", "case_ref"], name="case_once"),
            models.UniqueConstraint(fields=["practice", "year", "number"], name="case_number_once"),
        )


class BreachDecision(PracticeModel):
    """A written conclusion of the privacy officer. The newest counts, as the case says; all are kept."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=20)
    reason = EncryptedText()
    # Of this decision alone: the event commits to the reason under it, and says no word of it.
    reason_key = EncryptedBytes()
    decided_by = models.CharField(max_length=100)
    decided_at = models.DateTimeField(default=clock.now)


class DiscoveryCandidate(PracticeModel):
    """A moment at which somebody knew, or could have known. The earliest counts; all are kept.

    An officer's own has a written reason, whose event commits to it under the key and says no word of it.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    source = models.CharField(max_length=200)
    added_by = models.CharField(max_length=100)
    chosen = models.BooleanField(default=False)
    reason = EncryptedText(null=True)
    reason_key = EncryptedBytes(null=True)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice", "case", "at", "source"],
                condition=models.Q(reason_key__isnull=True),
                name="candidate_once",
            ),
        )


class ExposureAnswer(PracticeModel):
    """One line of the exposure worksheet; "unknown" is an answer."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    question = models.CharField(max_length=40)
    answer = models.CharField(max_length=10)
    detail = EncryptedText(null=True)
    source = models.CharField(max_length=120)
    observed_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=100)
    answered_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["practice", "case", "question"], name="exposure_once"),
        )
