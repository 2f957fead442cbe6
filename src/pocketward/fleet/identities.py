"""The end of a phone's certificates, when nothing more can be said over them."""

from __future__ import annotations

from uuid import UUID

from pocketward.pki import api as pki_api

MANAGEMENT, ACCESS = "management", "access"
BOTH = (MANAGEMENT, ACCESS)


def revoke_identities(*, enrollment_id: UUID, reason: str, by: str, case_ref: str = "") -> None:
    """Revoke both identities of an enrollment that is over: replaced, checked out, or proven to be erased.

    `reason` is pki's word: superseded, cessation, key_compromise. A phone that speaks with such an identity
    all the same is refused, and heard: it contradicts an erase that it acknowledged.
    """
    pki_api.revoke_enrollment(
        enrollment_id=enrollment_id, purposes=BOTH, reason=reason, by=by, case_ref=case_ref
    )


def can_be_told(*, device_id: UUID) -> bool:
    """Whether a management identity of the device still counts, so that it can be locked or erased."""
    return any(
        one.purpose == MANAGEMENT and one.state == "valid"
        for one in pki_api.certificates_of(device_id=device_id)
    )
