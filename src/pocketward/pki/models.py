"""Authorities, certificates, holds, one-time challenges, and each practice's choices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pocketward.kernel import clock
from pocketward.spine.api import EncryptedBytes, PracticeModel

MANAGEMENT, ACCESS, SERVER = "management", "access", "server"
VALID, HELD, REVOKED = "valid", "held", "revoked"


class Authority(PracticeModel):
    """A practice's authorities and what SCEP needs beside them.

    `root` and `issuing` stand behind management identities and our own listeners. `access` is a root of its
    own, which issues access identities and nothing else: whoever trusts it (proxy, Wi-Fi, VPN) can be shown
    a management identity and will refuse it, without knowing our purposes. `registration` is one RSA key
    with a certificate under each, because SCEP envelopes need RSA.
    """

    root_der = models.BinaryField()
    root_key = EncryptedBytes()
    issuing_der = models.BinaryField()
    issuing_key = EncryptedBytes()
    access_der = models.BinaryField()
    access_key = EncryptedBytes()
    registration_der = models.BinaryField()
    access_registration_der = models.BinaryField()
    registration_key = EncryptedBytes()
    crl_number = models.PositiveIntegerField(default=0)
    crl_der = models.BinaryField(null=True)
    crl_made_at = models.DateTimeField(null=True)
    # Set with every change that the next list must show.
    crl_stale = models.BooleanField(default=True)
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
    held_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    issued_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["practice", "serial_hex"], name="certificate_serial_once"),
            models.UniqueConstraint(fields=["practice", "fingerprint"], name="certificate_once"),
        )
        indexes = (
            models.Index(fields=["practice", "device_id"], name="certificate_by_device"),
            models.Index(fields=["practice", "enrollment_id"], name="certificate_by_enrollment"),
        )


class AccessHold(PracticeModel):
    """A device whose access identities are on hold for one case or cause; none is issued to it meanwhile."""

    device_id = models.UUIDField()
    held_for = models.CharField(max_length=40, blank=True)
    placed_by = models.CharField(max_length=100)
    placed_at = models.DateTimeField(default=clock.now)
    lifted_at = models.DateTimeField(null=True)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice", "device_id", "held_for"],
                condition=Q(lifted_at=None),
                name="access_hold_once",
            ),
        )


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
        indexes = (models.Index(fields=["expires_at"], condition=Q(spent_at=None), name="challenge_open"),)
