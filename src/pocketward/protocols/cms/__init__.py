"""Cryptographic Message Syntax (RFC 5652) as Apple's device management uses it.

A phone proves each request with the header `Mdm-Signature`: base64 of a detached SignedData over the exact
bytes of the body. Configuration profiles are signed with the content inside. This package checks and makes
both; who issued the signer's certificate, and whether it still counts, is judged by the caller.
"""

from __future__ import annotations

from pocketward.protocols.cms.errors import CmsError
from pocketward.protocols.cms.signing import PrivateKey, mdm_signature, sign_attached, sign_detached
from pocketward.protocols.cms.verifying import (
    AttachedContent,
    DetachedVerifier,
    SignerCertificate,
    decode_mdm_signature,
    read_attached,
    verify_detached,
)

__all__ = [
    "AttachedContent",
    "CmsError",
    "DetachedVerifier",
    "PrivateKey",
    "SignerCertificate",
    "decode_mdm_signature",
    "mdm_signature",
    "read_attached",
    "sign_attached",
    "sign_detached",
    "verify_detached",
]
