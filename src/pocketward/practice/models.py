"""Rows of the identity plane (Account, Practice, provider, links, installation) and of people."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from pocketward.kernel import clock
from pocketward.kernel.ids import uuid7
from pocketward.spine.api import PracticeModel


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts; an account has no usable password until its owner sets one."""

    def create_account(self, email: str) -> Account:
        """A new active account for this e-mail."""
        account = self.model(email=email.strip().lower())
        account.set_unusable_password()
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A sign-in identity, across practices. Never deleted: deactivated and overwritten."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=5, default="en")
    # Sessions that signed in before this moment must use a passkey again.
    fresh_after = models.DateTimeField(null=True)
    # The first passkey after that moment; a password with a code counts again from here on.
    passkey_again_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = AccountManager()

    def __str__(self) -> str:
        return self.email

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's permissions are not used; roles decide."""
        return False


class ServiceProvider(models.Model):
    """An IT provider that looks after practices (on pages: IT provider)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=clock.now)


class Practice(models.Model):
    """A clinic or therapy practice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    # The short address printed on its lost-phone card: /l/<lost_code>.
    lost_code = models.CharField(max_length=16, unique=True)
    zone = models.CharField(max_length=60, default="America/New_York")
    language = models.CharField(max_length=5, default="en")
    emergency_phone = models.CharField(max_length=40, blank=True)
    front_desk_phone = models.CharField(max_length=40, blank=True)
    adoption_level = models.PositiveSmallIntegerField(default=2)
    password_allowed = models.BooleanField(default=True)
    service_provider = models.ForeignKey(
        ServiceProvider, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(default=clock.now)


class Installation(models.Model):
    """The one row that says what kind of world this database was born as."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    world = models.CharField(max_length=4)
    born_at = models.DateTimeField(default=clock.true_now)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(id=1), name="installation_is_one"),
            models.CheckConstraint(condition=Q(world__in=("demo", "real")), name="installation_world"),
        )


class OneTimeLink(models.Model):
    """A single-use secret link: first owner, invitation, demo sign-in. Only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="+", null=True)
    member_id = models.UUIDField(null=True)
    # What the link is about, where that is no person: the command or change that a stop link stops.
    subject_id = models.UUIDField(null=True)
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=clock.now)


class Site(PracticeModel):
    """A place where the practice works, or worked."""

    name = models.CharField(max_length=120)
    address = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice", "name"], condition=Q(ended_at=None), name="site_name_once"
            ),
        )


class WorkforceMember(PracticeModel):
    """A person in a practice; their account is optional."""

    full_name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    job_title = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=5, default="en")
    on_call_rank = models.PositiveSmallIntegerField(null=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", null=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", null=True)
    # Set for a technician of the IT provider: no member of the workforce, here only while a grant lives.
    service_provider = models.ForeignKey(
        ServiceProvider, on_delete=models.PROTECT, related_name="+", null=True
    )
    joined_at = models.DateTimeField(default=clock.now)
    left_at = models.DateTimeField(null=True)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["practice", "account"], name="member_account_once"),
            models.UniqueConstraint(
                "practice", Lower("email"), condition=~Q(email=""), name="member_email_once"
            ),
        )


class RoleAssignment(PracticeModel):
    """Who held which role from when to when; never deleted."""

    member = models.ForeignKey(WorkforceMember, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=30)
    since = models.DateTimeField(default=clock.now)
    until = models.DateTimeField(null=True)
    given_by = models.CharField(max_length=100)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice", "member", "role"], condition=Q(until=None), name="role_once_at_a_time"
            ),
        )


class ServiceGrant(PracticeModel):
    """A technician of the IT provider may enter this practice until a moment; never deleted."""

    member = models.ForeignKey(WorkforceMember, on_delete=models.PROTECT, related_name="+")
    given_by = models.CharField(max_length=100)
    given_at = models.DateTimeField(default=clock.now)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=100, blank=True)

    class Meta(PracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice", "member"], condition=Q(ended_at=None), name="service_grant_once_at_a_time"
            ),
        )

    @classmethod
    def live(cls) -> models.QuerySet[ServiceGrant]:
        """The grants that count at this moment, in the practices in scope."""
        now = clock.now()
        rows: models.QuerySet[ServiceGrant] = cls.objects.filter(
            ended_at=None, given_at__lte=now, until__gt=now
        )
        return rows
