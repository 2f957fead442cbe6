"""How a simulated phone gets its identities: profile, SCEP, Authenticate, TokenUpdate."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa

from devicelab.phone.state import Identity, Management, PhoneState
from pocketward.kernel import clock
from pocketward.protocols import scep
from pocketward.protocols.apple_mdm import ParsedPayload, ParsedProfile, parse_profile


class EnrollmentFailed(Exception):
    """The phone could not enroll; the text is a sentence for people: at which step, and what comes next."""


class LinkSpent(EnrollmentFailed):
    """The link is not, or no longer, one to join by."""


LINK_IS_SPENT = (
    "Its link has been used or has run out. Make a new one with Add a phone, paste it here under More and "
    "press Enroll."
)


async def fetch_profile(http: httpx.AsyncClient, url: str) -> ParsedProfile:
    """Download the enrollment profile and check its signature."""
    answer = await http.get(url)
    if answer.status_code != 200:
        if answer.status_code in (404, 410):
            raise LinkSpent(LINK_IS_SPENT)
        raise EnrollmentFailed(
            f"Its link was answered with {answer.status_code}. Open it again with Enroll, under More."
        )
    profile = parse_profile(answer.content)
    if profile.signer is None:
        raise EnrollmentFailed("The profile of its link is not signed. Make a new link with Add a phone.")
    return profile


async def get_identity(http: httpx.AsyncClient, payload: ParsedPayload) -> Identity:
    """Ask the SCEP server that the payload names for a certificate."""
    content: dict[str, Any] = payload.content.get("PayloadContent", payload.content)
    url = str(content["URL"])
    size = int(content.get("Keysize", 2048))
    key = await asyncio.to_thread(rsa.generate_private_key, 65537, size)
    listed = await http.get(scep.operation_url(url, "GetCACert"))
    authority = scep.parse_ca_certificates(listed.content, listed.headers["content-type"])
    begun = scep.begin_enrollment(
        key=key,
        subject=(("CN", "phone"),),
        challenge=str(content["Challenge"]),
        authority=authority,
        now=clock.now(),
    )
    headers = {"content-type": scep.MESSAGE_TYPE_HEADER}
    posted = await http.post(scep.operation_url(url, "PKIOperation"), content=begun.request, headers=headers)
    answer = scep.read_answer(begun, posted.content)
    if answer.certificate is None:
        raise EnrollmentFailed(
            f"It was given no certificate ({answer.fail_text or answer.fail_info}). Make a new link with "
            "Add a phone."
        )
    return Identity(answer.certificate, key)


async def join(http: httpx.AsyncClient, state: PhoneState, url: str) -> Management:
    """Download the profile, get the management identity; management before its first message."""
    profile = await fetch_profile(http, url)
    (mdm,) = profile.payloads_of("com.apple.mdm")
    (identity_payload,) = profile.payloads_of("com.apple.security.scep")
    identity = await get_identity(http, identity_payload)
    content = mdm.content
    management = Management(
        identity=identity,
        topic=content["Topic"],
        server_url=content["ServerURL"],
        check_in_url=content.get("CheckInURL", content["ServerURL"]),
        access_rights=int(content["AccessRights"]),
        profile_identifier=profile.identifier,
        push_token=secrets.token_bytes(32),
        push_magic=secrets.token_hex(16).upper(),
    )
    note_profile(management, profile)
    return management


def note_profile(management: Management, profile: ParsedProfile) -> None:
    """Keep an installed profile; one with the same identifier is replaced."""
    management.profiles[profile.identifier] = {
        "identifier": profile.identifier,
        "uuid": str(profile.uuid),
        "name": profile.display_name,
        "payloads": [{**item.content, "PayloadType": item.payload_type} for item in profile.payloads],
    }
