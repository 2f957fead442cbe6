"""The tables that belong to no single practice, by name. Every other table belongs to exactly one.

Those of the practice domain are reached through `practice.api`, those of the sign-in library through
`access.api`; the rest hold no person and are read by their own package alone. A table in neither plane stops
the start: nobody may add one and forget to say whose it is.
"""

from __future__ import annotations

from django.apps import apps

from pocketward.spine.errors import SpineError
from pocketward.spine.practice_rules import practice_models

IDENTITY_PLANE = frozenset(
    {
        # People's sign-in and who there is.
        "practice.Account", "practice.Practice", "practice.ServiceProvider", "practice.OneTimeLink",
        "practice.Installation",
        # The sign-in library's, and what it stands on.
        "account.EmailAddress", "account.EmailConfirmation", "mfa.Authenticator", "usersessions.UserSession",
        "sessions.Session", "auth.Group", "auth.Permission", "contenttypes.ContentType",
        # Wrapped keys are read before there is any scope; each is bound to its practice by encryption.
        "spine.PracticeKey",
        # Counts over the whole installation: the guard's ceiling, the gates' order of changes.
        "fleet.InstallationTally", "access.SnapshotCounter",
        # Reference data.
        "posture.ReleaseFeedRow",
    }
)  # fmt: skip


class TableInNoPlane(SpineError):
    """A table belongs neither to one practice nor to the list above."""

    code = "spine.table_in_no_plane"
    sentence = "A table of this version belongs to no practice and is not named as shared."
    advice = "This is a fault of the program; run the version before it and report this."


def refuse_tables_in_no_plane() -> None:
    """TableInNoPlane unless each model is in exactly one plane."""
    owned = {model._meta.label for model in practice_models()}
    labels = {model._meta.label for model in apps.get_models(include_auto_created=False)}
    wrong = (labels - owned) ^ IDENTITY_PLANE
    if wrong:
        raise TableInNoPlane(f"These tables are in no plane, or named and not there: {sorted(wrong)}.")
