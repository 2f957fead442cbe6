"""Authorities, certificates, one-time challenges, and each practice's choices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pocketward.kernel import clock
from pocketward.spine.api import EncryptedBytes, PracticeModel

MANAGEMENT, ACCESS, SERVER, REGISTRATION = "management", "access", "server", "registration"
VALID, HELD, REVOKED = "valid", "held", "revoked"


class Authority(PracticeModel):
    """A practice's certificate authority: root and issuing keys, and the RSA pair that SCEP needs."""

    root_der = models.BinaryField()
    root_key = EncryptedBytes()
    issuing_der = models.BinaryField()
    issuing_key = EncryptedBytes()
    registration_der = models.BinaryField()
    registration_key = EncryptedBytes()
    crl_number = models.PositiveIntegerField(default=0)
    legacy_allowed = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice"], name="authority_once"),)


class Certificate(PracticeModel):
    """One issued certificate and whether it is held or revoked."""

    serial_hex = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64)
    purpose = models.CharField(max_length=15)
    # The fleet is above this package: plain ids.
    enrollment_id = models.UUIDField(null=True)
    device_id = models.UUIDField(null=True)
    der = models.BinaryField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    state = models.CharField(max_length=8, default=VALID)
    case_ref = models.CharField(max_length=40, blank=True)
    held_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    issued_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["practice", "serial_hex"], name="certificate_serial_once"),
            models.UniqueConstraint(fields=["practice", "fingerprint"], name="certificate_once"),
        )
        indexes = (models.Index(fields=["practice", "device_id"], name="certificate_by_device"),)


class Challenge(PracticeModel):
    """A one-time SCEP challenge; only its digest is kept."""

    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=15)
    enrollment_id = models.UUIDField()
    device_id = models.UUIDField(null=True)
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = ()
        indexes = (models.Index(fields=["expires_at"], condition=Q(spent_at=None), name="challenge_open"),)
