"""The door of the pki domain."""

from __future__ import annotations

from pocketward.pki.authorities import (
    allow_legacy,
    authority_chain,
    crl,
    ensure_authority,
    issue_server_certificate,
    sign_profile,
    trust_anchors,
)
from pocketward.pki.identities import (
    Identity,
    bind_device,
    certificates_of,
    due_for_renewal,
    hold_access,
    identity_of,
    issue_challenge,
    lift_access_hold,
    revoke_device,
    revoke_enrollment,
)

__all__ = (
    "Identity",
    "allow_legacy",
    "authority_chain",
    "bind_device",
    "certificates_of",
    "crl",
    "due_for_renewal",
    "ensure_authority",
    "hold_access",
    "identity_of",
    "issue_challenge",
    "issue_server_certificate",
    "lift_access_hold",
    "revoke_device",
    "revoke_enrollment",
    "sign_profile",
    "trust_anchors",
)
