"""What the policy domain refuses."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class PolicyRefused(PocketwardError):
    """The policy file cannot be used; the sentence names the line or key."""

    code = "policy.refused"
    sentence = "The policy file cannot be used."
    advice = "Mend the named line, or go back to the last version."
