"""What can be wrong with a signed message."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class CmsError(PocketwardError):
    """The signed message is malformed, uses something we refuse, or its signature does not fit."""

    code = "protocols.cms"
    sentence = "The signature on this message cannot be accepted."
    advice = "The sender must sign the exact bytes of the body with RSA or ECDSA and SHA-256 or better."
