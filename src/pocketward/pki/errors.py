"""What the certificate authority refuses."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class PkiError(PocketwardError):
    """Root of the pki domain's errors."""

    code = "pki.error"


class NoAuthority(PkiError):
    """The practice has no certificate authority yet."""

    code = "pki.no_authority"
    sentence = "This practice has no certificate authority yet."


class ChallengeRejected(PkiError):
    """The challenge was used, has run out, or never existed."""

    code = "pki.challenge_rejected"
    sentence = "This certificate request carries no valid one-time challenge."


class RenewalRejected(PkiError):
    """The identity that signs the renewal may not be renewed."""

    code = "pki.renewal_rejected"
    sentence = "This identity cannot be renewed."
