"""Loss reports, what was frozen with them, playbook runs, receipts of doors, pages to officers."""

from __future__ import annotations

from django.db import models

from pocketward.kernel import clock
from pocketward.spine.api import EncryptedBytes, EncryptedText, PracticeModel

CLOSED, NEEDS_CONFIRMATION, PAGED_ONLY = "closed", "needs_confirmation", "paged_only"
LOST, FOUND, SIGHTING = "lost", "found", "sighting"
WAITING, READY, RUNNING, NEEDS_PERSON = "waiting", "ready", "running", "needs_person"
DONE, FAILED, SKIPPED = "done", "failed", "skipped"


class LossReport(PracticeModel):
    """Somebody said that a phone is lost, or (found) at hand again, or (sighting) so once more."""

    case_ref = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, default="lost")
    outcome = models.CharField(max_length=20)
    # Closed by the open page alone, with nobody's yes: what the hourly limits count.
    automatic = models.BooleanField(default=False)
    said = EncryptedText()
    callback = EncryptedText()
    when_seen = models.CharField(max_length=10)
    network = models.CharField(max_length=64)
    member_id_matched = models.UUIDField(null=True)
    device_ids = models.JSONField(default=list)
    reported_by = models.CharField(max_length=100)
    reported_at = models.DateTimeField(default=clock.now)
    confirmed_by = models.CharField(max_length=100, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    restored_by = models.CharField(max_length=100, blank=True)
    restored_at = models.DateTimeField(null=True)
    restored_how = models.CharField(max_length=20, blank=True)
    # Tries of the person that were refused for want of proof: codes must not be guessed.
    restore_tries = models.PositiveSmallIntegerField(default=0)
    # Further reports that went to this one's case, each a row of kind "sighting" with the same case.
    sightings = models.PositiveIntegerField(default=0)
    sighted_at = models.DateTimeField(null=True)
    case_closed_at = models.DateTimeField(null=True)
    # `repeats.form_key` of the page's form; empty for a report that no form of that page sent.
    form = models.CharField(max_length=64, blank=True)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice", "case_ref"],
                condition=~models.Q(kind="sighting"),
                name="loss_report_case_once",
            ),
        )
        indexes = (models.Index(fields=["practice", "reported_at"], name="loss_report_by_time"),)


class FrozenFacts(PracticeModel):
    """What was known of a device at the moment of the report."""

    case_ref = models.CharField(max_length=40)
    device = models.ForeignKey("fleet.Device", on_delete=models.PROTECT, related_name="+")
    facts = EncryptedText()
    frozen_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["practice", "case_ref", "device"], name="frozen_once"),
        )


class Step(PracticeModel):
    """One step of a playbook in one case; the truth of which jobs are nudges."""

    case_ref = models.CharField(max_length=40)
    playbook = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField(default=1)
    step = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    who = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=15, default=WAITING)
    receipt = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=100, blank=True)
    due_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "case_ref", "step"], name="step_once"),)


class StepReason(PracticeModel):
    """Why somebody moved a step, in their own words; every one is kept, also of a step that began anew."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")
    reason = EncryptedText()
    # Of this reason alone: the event commits to the words under it, and says none of them.
    reason_key = EncryptedBytes()
    by = models.CharField(max_length=100)
    at = models.DateTimeField(default=clock.now)


class DoorReceipt(PracticeModel):
    """What was done about one record system's door, and how long after the report."""

    case_ref = models.CharField(max_length=40)
    app_id = models.UUIDField()
    app_name = models.CharField(max_length=80)
    door = models.CharField(max_length=20)
    is_closed = models.BooleanField(default=False)
    milliseconds = models.PositiveIntegerField(null=True)
    sentence = models.CharField(max_length=300)
    by = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "case_ref", "app_id"], name="door_once"),)


class Alert(PracticeModel):
    """An officer was called about a case: it stands under Incidents, and a mail leaves if one can.

    `mail_state` says what became of the mail; `seen_at` when this officer opened the case.
    """

    case_ref = models.CharField(max_length=40)
    member = models.ForeignKey("practice.WorkforceMember", on_delete=models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=40)
    raised_at = models.DateTimeField(default=clock.now)
    mail_state = models.CharField(max_length=20, default="not_configured")
    mailed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    taken_by = models.UUIDField(null=True)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["practice", "case_ref", "reason", "member"], name="alert_once"),
        )


class ColleagueCode(PracticeModel):
    """A signed-in person vouches for a colleague who cannot sign in: good once, for ten minutes."""

    digest = models.CharField(max_length=64)
    made_by = models.ForeignKey("practice.WorkforceMember", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)
    spent_for = models.CharField(max_length=40, blank=True)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "digest"], name="colleague_code_once"),)


class LocationAsk(PracticeModel):
    """An officer asked where a lost phone is: why, under which notice, until when; the place is evidence."""

    case_ref = models.CharField(max_length=40)
    device = models.ForeignKey("fleet.Device", on_delete=models.PROTECT, related_name="+")
    command_id = models.UUIDField()
    reason = EncryptedText()
    # Of this reason alone: the event commits to the words under it, and says none of them.
    reason_key = EncryptedBytes()
    notice_version = models.PositiveSmallIntegerField()
    asked_by = models.CharField(max_length=100)
    asked_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    evidence_digest = models.CharField(max_length=64, blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "command_id"], name="location_ask_once"),)


class LocationView(PracticeModel):
    """Somebody looked at where a phone was, and said what for."""

    ask = models.ForeignKey(LocationAsk, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("practice.WorkforceMember", on_delete=models.PROTECT, related_name="+")
    purpose = EncryptedText()
    # As of the reason for asking.
    purpose_key = EncryptedBytes()
    at = models.DateTimeField(default=clock.now)


class EraseChoice(PracticeModel):
    """What was advised about one phone when an officer asked for its erase, and why."""

    case_ref = models.CharField(max_length=40)
    device = models.ForeignKey("fleet.Device", on_delete=models.PROTECT, related_name="+")
    command_id = models.UUIDField()
    advised = models.CharField(max_length=20)
    sentence = models.CharField(max_length=200)
    reasons = models.JSONField(default=list)
    chosen = models.CharField(max_length=20)
    by = models.CharField(max_length=100)
    at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "command_id"], name="erase_choice_once"),)
