"""The door of the pki domain."""

from __future__ import annotations

from pocketward.pki.authorities import (
    allow_legacy,
    authority_chain,
    authority_pem_bundle,
    ensure_authority,
    has_authority,
    issue_server_certificate,
    legacy_is_allowed,
    sign_profile,
    trust_anchors,
)
from pocketward.pki.identities import (
    certificates_of,
    devices_with_access,
    due_for_renewal,
    identity_of,
    renewal_time,
)
from pocketward.pki.records import Identity
from pocketward.pki.requests import bind_device, issue_challenge
from pocketward.pki.revocation import crl, hold_access, lift_access_hold, revoke_device, revoke_enrollment

__all__ = (
    "Identity",
    "allow_legacy",
    "authority_chain",
    "authority_pem_bundle",
    "bind_device",
    "certificates_of",
    "crl",
    "devices_with_access",
    "due_for_renewal",
    "ensure_authority",
    "has_authority",
    "hold_access",
    "identity_of",
    "issue_challenge",
    "issue_server_certificate",
    "legacy_is_allowed",
    "lift_access_hold",
    "renewal_time",
    "revoke_device",
    "revoke_enrollment",
    "sign_profile",
    "trust_anchors",
)
