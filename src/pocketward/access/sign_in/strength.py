"""How strongly a person proved who they are, on a fixed scale.

Phishing-resistant: `passkey` (bound to one authenticator) and `passkey_synced` (it may live on several
devices, so also on a stolen one). `totp` is a password with a code. `link` came through a one-time link
and may only register a passkey. `demo` exists in demo worlds.
"""

from __future__ import annotations

PASSKEY, PASSKEY_SYNCED, TOTP, LINK, DEMO = "passkey", "passkey_synced", "totp", "link", "demo"
SCALE = (LINK, TOTP, PASSKEY_SYNCED, PASSKEY)
PHISHING_RESISTANT = frozenset({PASSKEY, PASSKEY_SYNCED, DEMO})


def is_phishing_resistant(strength: str) -> bool:
    """Whether a look-alike page could not have got this sign-in."""
    return strength in PHISHING_RESISTANT
