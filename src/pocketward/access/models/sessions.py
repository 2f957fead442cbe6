"""Sessions at apps behind the gate, and the one-time codes that start them."""

from __future__ import annotations

from django.db import models

from pocketward.access.models.apps import App
from pocketward.kernel import clock
from pocketward.spine.api import PracticeModel


class GateSession(PracticeModel):
    """A person's session at one app; only the digest of its cookie is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    member = models.ForeignKey("practice.WorkforceMember", on_delete=models.PROTECT, related_name="+")
    app = models.ForeignKey(App, on_delete=models.PROTECT, related_name="+")
    strength = models.CharField(max_length=20)
    auth_at = models.DateTimeField()
    started_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    # The browser session it was opened from (its number): signing out there ends it too.
    sign_in = models.BigIntegerField(null=True)
    # The device that carried it, as far as its certificate told: a reported phone loses its sessions.
    device_id_seen = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=100, blank=True)

    class Meta(PracticeModel.Meta):
        indexes = (models.Index(fields=["practice", "member"], name="gate_session_by_member"),)


class OneTimeCode(PracticeModel):
    """Hands a sign-in over to an app's host; single use, one minute."""

    digest = models.CharField(max_length=64, unique=True)
    member = models.ForeignKey("practice.WorkforceMember", on_delete=models.PROTECT, related_name="+")
    app = models.ForeignKey(App, on_delete=models.PROTECT, related_name="+")
    strength = models.CharField(max_length=20)
    auth_at = models.DateTimeField()
    sign_in = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)

    class Meta(PracticeModel.Meta):
        constraints = ()
