"""One row per phone, person, case and practice, as lists show them; and lists frozen for an act on many.

Everything here is made again from the domains by `rebuild`, but for the frozen lists, which live minutes.
"""

from __future__ import annotations

from django.db import models

from pocketward.kernel import clock
from pocketward.spine.api import EncryptedText, PracticeModel

CASE, CALL = "case", "call"


class DeviceRow(PracticeModel):
    """A phone or tablet on the list. Status and reason are settled here and aged when they are read."""

    device = models.ForeignKey("fleet.Device", on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(
        "practice.WorkforceMember", on_delete=models.PROTECT, related_name="+", null=True
    )
    label = models.CharField(max_length=80)
    label_key = models.CharField(max_length=300)
    person = models.CharField(max_length=120, blank=True)
    person_key = models.CharField(max_length=300, blank=True)
    serial = models.CharField(max_length=40, blank=True)
    search = models.CharField(max_length=400)
    kind = models.CharField(max_length=20)
    ownership = models.CharField(max_length=10)
    shared = models.BooleanField(default=False)
    enrollment_state = models.CharField(max_length=15, blank=True)
    heard_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    case_ref = models.CharField(max_length=40, blank=True)
    settled = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=30, blank=True)
    failing = models.CharField(max_length=40, blank=True)
    failing_code = models.CharField(max_length=60, blank=True)
    silent_at = models.DateTimeField(null=True)
    stale_at = models.DateTimeField(null=True)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "device"], name="overview_device_once"),)
        indexes = (
            models.Index(fields=["practice", "label_key"], name="overview_device_label"),
            models.Index(fields=["practice", "person_key"], name="overview_device_person"),
            models.Index(fields=["practice", "heard_at"], name="overview_device_heard"),
            models.Index(fields=["practice", "member"], name="overview_device_member"),
        )


class PersonRow(PracticeModel):
    """Somebody who works here now."""

    member = models.ForeignKey("practice.WorkforceMember", on_delete=models.PROTECT, related_name="+")
    full_name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=300)
    email = models.CharField(max_length=254, blank=True)
    search = models.CharField(max_length=600)
    roles = models.JSONField(default=list)
    can_sign_in = models.BooleanField(default=False)
    phones = models.PositiveIntegerField(default=0)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "member"], name="overview_person_once"),)
        indexes = (models.Index(fields=["practice", "name_key"], name="overview_person_name"),)


class CaseRow(PracticeModel):
    """A case, or a call that waits because somebody says that they have a phone again."""

    case_ref = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)
    number = models.CharField(max_length=20, blank=True)
    is_open = models.BooleanField(default=True)
    state = models.CharField(max_length=10)
    outcome = models.CharField(max_length=20, blank=True)
    verdict = models.CharField(max_length=20, blank=True)
    labels = models.JSONField(default=list)
    # Every phone of it is proven erased, and none has joined again.
    is_erased = models.BooleanField(default=False)
    # What a caller typed, who may be anybody: it is kept as the report keeps it.
    said = EncryptedText(null=True)
    search = models.CharField(max_length=600)
    lead = models.CharField(max_length=120, blank=True)
    limit_on = models.DateField(null=True)
    # Since when officers are called about it and nobody has answered.
    called_since = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "case_ref"], name="overview_case_once"),)
        indexes = (models.Index(fields=["practice", "is_open", "opened_at"], name="overview_case_order"),)


class PracticeRow(PracticeModel):
    """A practice as one line: how many of each, what is vacant, when it can no longer push."""

    name = models.CharField(max_length=120)
    people = models.PositiveIntegerField(default=0)
    phones = models.PositiveIntegerField(default=0)
    open_cases = models.PositiveIntegerField(default=0)
    vacant_roles = models.JSONField(default=list)
    push_expires_at = models.DateTimeField(null=True)
    # Roles that some rule lets open records, and how many people hold one.
    opening_roles = models.JSONField(default=list)
    may_open = models.PositiveIntegerField(default=0)
    # Ended uses of emergency access that no officer has reviewed, oldest first.
    reviews = models.JSONField(default=list)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice"], name="overview_practice_once"),)


class FrozenList(PracticeModel):
    """The exact phones that somebody picked for one act, by the digest of a token, until it is spent."""

    digest = models.CharField(max_length=64)
    member = models.ForeignKey("practice.WorkforceMember", on_delete=models.PROTECT, related_name="+")
    device_ids = models.JSONField(default=list)
    made_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "digest"], name="overview_frozen_once"),)
