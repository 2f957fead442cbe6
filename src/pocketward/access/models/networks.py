"""The practice's own networks, by name, as seen from the proxy."""

from __future__ import annotations

from django.db import models

from pocketward.spine.api import PracticeModel


class Network(PracticeModel):
    """A zone id (clinic-wifi) and the addresses that requests from it come from."""

    zone = models.CharField(max_length=64)
    cidrs = models.JSONField(default=list)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "zone"], name="network_zone_once"),)
