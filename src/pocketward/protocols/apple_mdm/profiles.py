"""Configuration profiles: built for phones, and read again by simulated ones.

A profile is built unsigned; `cms.sign_attached` signs it. Building twice from the same input gives the same
bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pocketward.protocols.apple_mdm.access_rights import Ownership, rights_for
from pocketward.protocols.apple_mdm.errors import PlistError, ProfileError
from pocketward.protocols.apple_mdm.payloads import (
    MdmPayload,
    Payload,
    RootCertificatePayload,
    ScepPayload,
)
from pocketward.protocols.apple_mdm.plists import DEFAULT_LIMITS, PlistLimits, read_plist, write_plist
from pocketward.protocols.cms import CmsError, SignerCertificate, read_attached

PROFILE_CONTENT_TYPE: Final = "application/x-apple-aspen-config"


def build_profile(
    *,
    identifier: str,
    uuid: UUID,
    display_name: str,
    organization: str,
    payloads: Sequence[Payload],
    description: str = "",
    removal_disallowed: bool = False,
    consent: Mapping[str, str] | None = None,
    removal_date: datetime | None = None,
) -> bytes:
    """The unsigned bytes of a profile; `consent` maps a language ("default", "es") to the text agreed to."""
    _refuse_doubles(payloads)
    content: dict[str, Any] = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": identifier,
        "PayloadUUID": str(uuid).upper(),
        "PayloadDisplayName": display_name,
        "PayloadOrganization": organization,
    }
    if description:
        content["PayloadDescription"] = description
    if removal_disallowed:
        content["PayloadRemovalDisallowed"] = True
    if consent:
        content["ConsentText"] = dict(consent)
    if removal_date is not None:
        content["RemovalDate"] = removal_date
    content["PayloadContent"] = [payload.dictionary() for payload in payloads]
    return write_plist(content)


def _refuse_doubles(payloads: Sequence[Payload]) -> None:
    """A phone refuses two payloads of one UUID, and silently drops one of two with the same identifier."""
    for values in ([item.uuid for item in payloads], [item.identifier for item in payloads]):
        if len(set(values)) != len(values):
            raise ProfileError("Two payloads of a profile have the same UUID or identifier.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileUuids:
    """The UUIDs of an enrollment profile and its payloads; new ones for each enrollment."""

    profile: UUID
    mdm: UUID
    identity: UUID
    root: UUID


def _root_payload(identifier: str, practice_name: str, uuid: UUID, root_der: bytes) -> RootCertificatePayload:
    return RootCertificatePayload(
        uuid=uuid,
        identifier=f"{identifier}.root",
        display_name=f"{practice_name} root certificate",
        certificate_der=root_der,
    )


def enrollment_profile(
    *,
    ownership: Ownership,
    practice_name: str,
    identifier: str,
    uuids: ProfileUuids,
    topic: str,
    server_url: str,
    check_in_url: str,
    scep_url: str,
    challenge: str,
    subject_cn: str,
    root_der: bytes,
    ca_fingerprint: bytes | None = None,
    consent: Mapping[str, str] | None = None,
    server_capabilities: tuple[str, ...] = (),
) -> bytes:
    """The unsigned profile that enrolls a phone: our root, its management identity, the management itself.

    The rights follow the ownership; on a personal phone the right to erase is absent and can never come.
    """
    scep = ScepPayload(
        uuid=uuids.identity,
        identifier=f"{identifier}.identity",
        display_name="Management identity",
        url=scep_url,
        challenge=challenge,
        name=practice_name,
        subject=(("O", practice_name), ("CN", subject_cn)),
        ca_fingerprint=ca_fingerprint,
    )
    mdm = MdmPayload(
        uuid=uuids.mdm,
        identifier=f"{identifier}.mdm",
        display_name="Device management",
        identity_uuid=uuids.identity,
        topic=topic,
        server_url=server_url,
        check_in_url=check_in_url,
        access_rights=rights_for(ownership),
        server_capabilities=server_capabilities,
    )
    return build_profile(
        identifier=identifier,
        uuid=uuids.profile,
        display_name=f"{practice_name}: device management",
        organization=practice_name,
        payloads=(_root_payload(identifier, practice_name, uuids.root, root_der), scep, mdm),
        consent=consent,
    )


def access_identity_profile(
    *,
    practice_name: str,
    identifier: str,
    profile_uuid: UUID,
    identity_uuid: UUID,
    scep_url: str,
    challenge: str,
    subject_cn: str,
    ca_fingerprint: bytes | None = None,
) -> bytes:
    """The unsigned profile with the second identity: the one that opens records, Wi-Fi and VPN."""
    scep = ScepPayload(
        uuid=identity_uuid,
        identifier=f"{identifier}.identity",
        display_name="Access identity",
        url=scep_url,
        challenge=challenge,
        name=practice_name,
        subject=(("O", practice_name), ("CN", subject_cn)),
        ca_fingerprint=ca_fingerprint,
    )
    return build_profile(
        identifier=identifier,
        uuid=profile_uuid,
        display_name=f"{practice_name}: access identity",
        organization=practice_name,
        payloads=(scep,),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPayload:
    """One payload of a profile that was read; `content` is without the keys every payload has."""

    payload_type: str
    identifier: str
    uuid: str
    display_name: str
    content: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedProfile:
    """A profile that was read; `signer` is None when it came unsigned, and is otherwise not judged here."""

    identifier: str
    uuid: str
    display_name: str
    organization: str
    description: str
    removal_disallowed: bool
    payloads: tuple[ParsedPayload, ...]
    signer: SignerCertificate | None = field(default=None, repr=False)
    content: dict[str, Any] = field(default_factory=dict, repr=False)

    def payloads_of(self, payload_type: str) -> tuple[ParsedPayload, ...]:
        """The payloads of one type, in order."""
        return tuple(item for item in self.payloads if item.payload_type == payload_type)


_COMMON: Final = (
    "PayloadType",
    "PayloadVersion",
    "PayloadIdentifier",
    "PayloadUUID",
    "PayloadDisplayName",
    "PayloadDescription",
    "PayloadOrganization",
)


def parse_profile(data: bytes, limits: PlistLimits = DEFAULT_LIMITS) -> ParsedProfile:
    """A plain or signed profile. ProfileError when it is none, or when its signature does not fit."""
    plain, signer = data, None
    try:
        if not data.lstrip().startswith(b"<") and not data.startswith(b"\xef\xbb\xbf"):
            attached = read_attached(data, max_bytes=limits.max_bytes)
            plain, signer = attached.content, attached.signer
        content = read_plist(plain, limits)
    except (CmsError, PlistError) as error:
        raise ProfileError(error.sentence) from error
    if content.get("PayloadType") != "Configuration":
        raise ProfileError("The property list is no configuration profile.")
    return ParsedProfile(
        identifier=_text(content, "PayloadIdentifier"),
        uuid=_text(content, "PayloadUUID"),
        display_name=_text(content, "PayloadDisplayName", ""),
        organization=_text(content, "PayloadOrganization", ""),
        description=_text(content, "PayloadDescription", ""),
        removal_disallowed=content.get("PayloadRemovalDisallowed") is True,
        payloads=_payloads(content.get("PayloadContent")),
        signer=signer,
        content=content,
    )


def _payloads(items: Any) -> tuple[ParsedPayload, ...]:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ProfileError("The profile holds no list of payloads.")
    return tuple(_payload(item) for item in items)


def _payload(item: dict[str, Any]) -> ParsedPayload:
    return ParsedPayload(
        payload_type=_text(item, "PayloadType"),
        identifier=_text(item, "PayloadIdentifier"),
        uuid=_text(item, "PayloadUUID"),
        display_name=_text(item, "PayloadDisplayName", ""),
        content={key: value for key, value in item.items() if key not in _COMMON},
    )


def _text(content: Mapping[str, Any], key: str, absent: str | None = None) -> str:
    value = content.get(key, absent)
    if not isinstance(value, str):
        raise ProfileError(f"The profile's {key} is missing or is no text.")
    return value
