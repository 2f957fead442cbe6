"""Commands, how far each is proven, and the intent to erase that outlives them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pocketward.fleet.models.devices import Device, Enrollment
from pocketward.kernel import clock
from pocketward.spine.api import EncryptedText, PracticeModel

REQUESTED, AUTHORIZED, QUEUED, PUSHED = "requested", "authorized", "queued", "pushed"
DELIVERED, ACKNOWLEDGED, CORROBORATED = "delivered", "acknowledged", "corroborated"
FAILED, EXPIRED, OVERTAKEN, CANCELLED, REFUSED = "failed", "expired", "overtaken", "cancelled", "refused"

LADDER = (REQUESTED, AUTHORIZED, QUEUED, PUSHED, DELIVERED, ACKNOWLEDGED, CORROBORATED)
ENDS = (FAILED, EXPIRED, OVERTAKEN, CANCELLED, REFUSED)
# What may still be handed to the phone.
OPEN = (QUEUED, PUSHED, DELIVERED)
# What has not ended yet.
UNFINISHED = (REQUESTED, AUTHORIZED, *OPEN)


class Command(PracticeModel):
    """One instruction to one enrollment. Its `id` is the CommandUUID on the wire."""

    URGENT, NORMAL = 0, 1

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    request_type = models.CharField(max_length=40)
    params = EncryptedText()
    lane = models.PositiveSmallIntegerField(default=NORMAL)
    state = models.CharField(max_length=15)
    purpose = models.CharField(max_length=40, blank=True)
    destructive = models.BooleanField(default=False)
    # Ordered where no second officer exists: it waits longer instead, with a way to stop it.
    alone = models.BooleanField(default=False)
    # An erase that goes with its device to a new enrollment: no new budget, the approvals come along.
    offered_again = models.BooleanField(default=False)
    # When the guard let it pass; the budget is counted by this.
    authorized_at = models.DateTimeField(null=True)
    case_ref = models.CharField(max_length=40, blank=True)
    ordered_by = models.CharField(max_length=100)
    ordered_at = models.DateTimeField(default=clock.now)
    not_before = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    # Its place among what was handed out and not answered, 0 for never: of a lane, the lowest goes next.
    turn = models.PositiveIntegerField(default=0)
    # Handed out since the last normal one was: an urgent one then lets a normal one go first.
    had_turn = models.BooleanField(default=False)
    # Answered NotNow: not offered again before the phone's next Idle.
    parked = models.BooleanField(default=False)
    offers = models.PositiveIntegerField(default=0)
    not_now_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    evidence_digest = models.CharField(max_length=64, blank=True)

    class Meta(PracticeModel.Meta):
        indexes = (
            models.Index(
                fields=["enrollment", "lane", "id"],
                condition=Q(state__in=("queued", "pushed", "delivered")),
                name="command_open",
            ),
        )


class CommandProof(PracticeModel):
    """When a command reached a rung of its ladder, or its end."""

    command = models.ForeignKey(Command, on_delete=models.PROTECT, related_name="+")
    proof = models.CharField(max_length=15)
    at = models.DateTimeField(default=clock.now)
    detail = models.CharField(max_length=200, blank=True)

    class Meta(PracticeModel.Meta):
        constraints = ()


class EraseIntent(PracticeModel):
    """The will to have a device erased, or its work data removed, until it is proven or called off.

    It outlives the command, the enrollment and the device's place on the list.
    """

    OPEN, PROVEN, CALLED_OFF = "open", "proven", "called_off"
    ERASE, REMOVE_WORK_DATA = "erase", "remove_work_data"

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    serial = models.CharField(max_length=40, blank=True)
    case_ref = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=12, default=OPEN)
    command_id = models.UUIDField()
    # The identity that acknowledged, to notice when it speaks again.
    acknowledged_fingerprint = models.CharField(max_length=64, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    contradicted_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)
    proven_by = models.CharField(max_length=40, blank=True)
    ordered_by = models.CharField(max_length=100)
    made_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice", "device"], condition=Q(state="open"), name="erase_intent_open_once"
            ),
        )
