"""What the certificate authority refuses."""

from __future__ import annotations

from uuid import UUID

from pocketward.kernel.errors import PocketwardError


class PkiError(PocketwardError):
    """Root of the pki domain's errors."""

    code = "pki.error"


class NoAuthority(PkiError):
    """The practice has no certificate authority yet."""

    code = "pki.no_authority"
    sentence = "This practice has no certificate authority yet."


class RequestRejected(PkiError):
    """Root of the reasons why a certificate is not issued; `reason` is one word for the record."""

    code = "pki.request_rejected"

    def __init__(self, reason: str, *, enrollment_id: UUID | None = None) -> None:
        super().__init__()
        self.reason = reason
        self.enrollment_id = enrollment_id


class ChallengeRejected(RequestRejected):
    """The challenge is missing, unknown, used, expired, or for another purpose.

    The sentence is the same for all of them: whoever guesses learns nothing.
    """

    code = "pki.challenge_rejected"
    sentence = "This certificate request carries no valid one-time challenge."
    advice = "Send the profile again: each one carries a new challenge."


class RenewalRejected(RequestRejected):
    """The identity that signs the renewal may not be renewed."""

    code = "pki.renewal_rejected"
    sentence = "This identity cannot be renewed."
    advice = "Enroll the device again with a fresh profile."


class DeviceOnHold(RequestRejected):
    """The device's access identities are on hold; it gets no new one until the hold is lifted."""

    code = "pki.device_on_hold"
    sentence = "No access identity is issued to this device now."
    advice = "Lift the hold first; the challenge can still be used then."
