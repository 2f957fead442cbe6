"""The practice's record systems, permits for unenrolled clients, and versions of the access rules."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q

from pocketward.kernel import clock
from pocketward.spine.api import PracticeModel


class App(PracticeModel):
    """A system that holds records, and how its door can be shut."""

    WATCH, ENFORCE = "watch", "enforce"

    name = models.CharField(max_length=80)
    door = models.CharField(max_length=20, default="proxied")
    hosts = models.JSONField(default=list)
    paths = models.JSONField(default=list)
    mode = models.CharField(max_length=8, default=ENFORCE)
    url = models.CharField(max_length=200, blank=True)
    session_hours = models.PositiveSmallIntegerField(default=12)
    added_at = models.DateTimeField(default=clock.now)
    # Sessions, permits and decisions point at it, so it stays: for the gates it is gone.
    removed_at = models.DateTimeField(null=True)

    @property
    def origin(self) -> str:
        """Scheme, host and port: its address's, else https on its first host; "" where there is neither."""
        parts = urlsplit(self.url)
        if parts.scheme and parts.netloc:
            return f"{parts.scheme}://{parts.netloc}"
        return f"https://{self.hosts[0]}" if self.hosts else ""

    @property
    def first_page(self) -> str:
        """Where somebody who has just signed in begins: its address's own path, else the first page that the
        gate knows. The gate refuses every address that it does not know, the bare root too.
        """
        parts, known = urlsplit(self.url), [prefix for prefix, _resource in self.paths]
        if parts.path.strip("/"):
            return parts.path + (f"?{parts.query}" if parts.query else "")
        return "/" if "/" in known or not known else known[0]

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice", "name"], condition=Q(removed_at=None), name="app_name_once"
            ),
        )


class AppHost(PracticeModel):
    """A host name that one app at the gate answers for. Nobody else in this installation can claim it:
    the gate refuses an address that two apps claim, so that would shut a neighbor's records.
    """

    host = models.CharField(max_length=253, unique=True)
    app = models.ForeignKey(App, on_delete=models.PROTECT, related_name="+")

    class Meta(PracticeModel.Meta):
        constraints = ()


class Permit(PracticeModel):
    """Unenrolled clients may open one app from one network; shown everywhere as "not checked"."""

    app = models.ForeignKey(App, on_delete=models.PROTECT, related_name="+")
    network = models.CharField(max_length=64)
    given_by = models.CharField(max_length=100)
    reason = models.CharField(max_length=200)
    given_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(PracticeModel.Meta):
        constraints = ()


class RulesVersion(PracticeModel):
    """One version of the practice's access rules; the newest is in force."""

    number = models.PositiveIntegerField()
    rules = models.TextField()
    author = models.CharField(max_length=100)
    reason = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=clock.now)

    class Meta(PracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice", "number"], name="rules_version_once"),)
