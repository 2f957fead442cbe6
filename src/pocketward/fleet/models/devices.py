"""Devices, their enrollments, their last known state, and the practice's push certificates."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pocketward.kernel import clock
from pocketward.spine.api import EncryptedBytes, EncryptedText, PracticeModel


class Device(PracticeModel):
    """A phone or tablet. Never deleted: `removed_at` takes it off the list, and its history stays."""

    IPHONE, IPAD = "iphone", "ipad"
    PRACTICE_OWNED, PERSONAL = "practice", "personal"

    label = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    ownership = models.CharField(max_length=10)
    shared = models.BooleanField(default=False)
    member = models.ForeignKey(
        "practice.WorkforceMember", on_delete=models.PROTECT, related_name="+", null=True
    )
    serial = models.CharField(max_length=40, blank=True)
    udid = models.CharField(max_length=80, blank=True)
    product_name = models.CharField(max_length=40, blank=True)
    supervised = models.BooleanField(null=True)
    last_heard_at = models.DateTimeField(null=True)
    # A keyed digest of where it last spoke from: restoring from there is refused.
    last_network = models.CharField(max_length=64, blank=True)
    # The mark of a loss report: read by the guard, set and cleared by `response` only.
    lost_case_ref = models.CharField(max_length=40, blank=True)
    lost_at = models.DateTimeField(null=True)
    # The case is over and the device has not come back: it stays lost, and its case ties no order any more.
    lost_case_closed_at = models.DateTimeField(null=True)
    # Whether any hold of access stands on it, a report's or an officer's: told by access, read by the guard.
    held = models.BooleanField(default=False)
    # When its last hold was lifted, until access has judged what it told after that; set by access.
    must_report_since = models.DateTimeField(null=True)
    added_at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True)

    @property
    def is_held(self) -> bool:
        """Whether only containment and read-only inventory may reach it."""
        return self.held or bool(self.lost_case_ref)

    @property
    def is_in_open_case(self) -> bool:
        """Whether it is marked lost under a case that nobody has closed."""
        return bool(self.lost_case_ref) and self.lost_case_closed_at is None

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice", "serial"],
                condition=~Q(serial="") & Q(removed_at=None),
                name="device_serial_once",
            ),
        )


class Enrollment(PracticeModel):
    """One joining of management: from the ticket to the end. A phone that comes back gets a new one."""

    TICKET, AUTHENTICATED, ENROLLED = "ticket", "authenticated", "enrolled"
    CHECKED_OUT, REPLACED, WITHDRAWN = "checked_out", "replaced", "withdrawn"
    LIVE = (AUTHENTICATED, ENROLLED)

    ticket_digest = models.CharField(max_length=64, unique=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+", null=True)
    member = models.ForeignKey(
        "practice.WorkforceMember", on_delete=models.PROTECT, related_name="+", null=True
    )
    label = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    ownership = models.CharField(max_length=10)
    shared = models.BooleanField(default=False)
    # The loss case whose phone this one replaces.
    for_case = models.CharField(max_length=40, blank=True)
    # What the profile of this very enrollment may do; the only source of the right to erase.
    access_rights = models.PositiveIntegerField()
    state = models.CharField(max_length=15, default=TICKET)
    udid = models.CharField(max_length=80, blank=True)
    topic = models.CharField(max_length=120, blank=True)
    management_fingerprint = models.CharField(max_length=64, blank=True)
    push_token = EncryptedBytes(null=True)
    push_magic = EncryptedText(null=True)
    unlock_token = EncryptedBytes(null=True)
    token_dead_at = models.DateTimeField(null=True)
    last_pushed_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=100)
    made_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    profile_fetched_at = models.DateTimeField(null=True)
    authenticated_at = models.DateTimeField(null=True)
    enrolled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(PracticeModel.Meta):
        indexes = (models.Index(fields=["practice", "udid"], name="enrollment_by_udid"),)


class DeviceState(PracticeModel):
    """The whole last known state of a device: fact -> {value, observed_at, source}."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    enrollment_id_now = models.UUIDField()
    facts = models.JSONField(default=dict)
    # Of the normalized state: no clock readings, battery or free-space digits.
    state_hash = models.CharField(max_length=64, blank=True)
    reported_at = models.DateTimeField()
    confirmed_at = models.DateTimeField()

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "device"], name="device_state_once"),)


class PushCertificate(PracticeModel):
    """A practice's Apple push certificate; one is active, earlier ones stay for the record."""

    topic = models.CharField(max_length=120)
    certificate_pem = models.TextField()
    key_pem = EncryptedText()
    apple_account = models.EmailField(blank=True)
    custodian = models.CharField(max_length=120, blank=True)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    active = models.BooleanField(default=True)
    proven_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice"], condition=Q(active=True), name="push_certificate_active_once"
            ),
        )
