"""Background work of access."""

from __future__ import annotations

from pocketward.access import emergency
from pocketward.access.sign_in.invitations import run_invitation_mail
from pocketward.spine.api import JobSpec

JOBS: dict[str, JobSpec] = {
    **emergency.JOBS,
    "access.invitation_mail": JobSpec(run_invitation_mail, max_attempts=12),
}
