"""What we settle for the sign-in library: no open sign-up, secrets encrypted at rest."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from pocketward.access.sign_in.sender import ip_of_sender
from pocketward.kernel import crypto


def _key() -> bytes:
    return crypto.derive_key(settings.SECRET_KEY.encode(), "sign-in factors")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a person joins through a one-time link."""
        return False

    def get_login_stages(self) -> list[str]:
        """None: each of our ways in has proven all its factors before the library hears of it.

        The library's own stage would ask a second time, on a page that we do not serve.
        """
        return []

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: our pages have their own words, and the library's ("signed in as ben@example.org") would
        lie in a cookie that the next person on a shared tablet finds.
        """

    def get_client_ip(self, request: HttpRequest) -> str:
        """The sender's address, for limits and the list of sessions: behind a proxy that of the person."""
        return ip_of_sender(request)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Factors: their secrets are sealed with a key of this install."""

    def encrypt(self, text: str) -> str:
        """Seal a TOTP secret or a recovery seed."""
        return crypto.seal(_key(), text.encode(), b"mfa").hex()

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` sealed."""
        return crypto.open_sealed(_key(), bytes.fromhex(encrypted_text), b"mfa").decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The relying party: the host that people dial, by our name."""
        from urllib.parse import urlsplit

        host: Any = urlsplit(settings.POCKETWARD.people_url).hostname
        return {"id": str(host), "name": "Pocketward"}
