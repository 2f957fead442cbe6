"""The profiles a phone gets from us: the one that enrolls it, its access identity, the practice's policy."""

from __future__ import annotations

from uuid import UUID, uuid5

from django.conf import settings

from pocketward.fleet.apple.command_record import (
    ACCESS_PROFILE,
    MANAGEMENT_PROFILE,
    POLICY_PROFILE,
    CommandNotBuilt,
    profile_identifier,
)
from pocketward.fleet.errors import PushCertificateRefused
from pocketward.fleet.push_certificates import push_certificate
from pocketward.fleet.records import EnrollmentRecord
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.pki import api as pki_api
from pocketward.policy import api as policy_api
from pocketward.practice import api as practice_api
from pocketward.protocols.apple_mdm import (
    ProfileUuids,
    RawPayload,
    WebClipPayload,
    access_identity_profile,
    build_profile,
    enrollment_profile,
)

CHALLENGE_MINUTES = 60

NOTICE_PERSONAL = {
    "default": (
        "Your practice can see the model, the iOS version, the serial number, whether a passcode is set, "
        "and the apps and profiles it installed itself. It cannot see your photos, messages, calls, places, "
        "other apps or what you browse. It can lock the phone and remove what it installed. It can never "
        "erase it."
    ),
    "es": (
        "Su consultorio puede ver el modelo, la versión de iOS, el número de serie, si hay un código, y las "
        "apps y perfiles que él mismo instaló. No puede ver sus fotos, mensajes, llamadas, lugares, otras "
        "apps ni lo que navega. Puede bloquear el teléfono y quitar lo que instaló. Nunca puede borrarlo."
    ),
}
NOTICE_PRACTICE = {
    "default": (
        "This device belongs to the practice. The practice can see its model, versions, identifiers, "
        "installed apps and profiles, can lock it, can locate it only while it is reported lost, and can "
        "erase it."
    ),
    "es": (
        "Este dispositivo es del consultorio. El consultorio puede ver su modelo, versiones, "
        "identificadores, apps y perfiles instalados, puede bloquearlo, ubicarlo solo mientras esté "
        "reportado como perdido, y borrarlo."
    ),
}


def device_address(practice_id: UUID, tail: str) -> str:
    """An address below the practice's device endpoints."""
    return f"{settings.POCKETWARD.device_url}/device/{public_id('prac', practice_id)}/{tail}"


def make_enrollment_profile(enrollment: EnrollmentRecord, edition: str = "first") -> bytes:
    """The signed profile that enrolls a phone; each call makes a new challenge.

    `edition` tells a renewal from the first: with other UUIDs the phone makes a new key and asks for a new
    certificate. PushCertificateRefused when the practice has no push certificate: without its topic no phone
    can enroll.
    """
    practice = practice_api.get_practice(practice_id=enrollment.practice_id)
    push = push_certificate(practice_id=enrollment.practice_id)
    if push is None:
        raise PushCertificateRefused("Upload the push certificate first; phones enroll with its topic.")
    pki_api.ensure_authority(practice_id=practice.id)
    challenge = pki_api.issue_challenge(
        practice_id=practice.id,
        enrollment_id=enrollment.id,
        purpose="management",
        device_id=enrollment.device_id,
        minutes=CHALLENGE_MINUTES,
    )
    unsigned = enrollment_profile(
        ownership="personal" if enrollment.ownership == "personal" else "practice",
        practice_name=practice.name,
        identifier=profile_identifier(public_id("prac", practice.id), MANAGEMENT_PROFILE),
        uuids=_uuids(enrollment.id, edition),
        topic=push.topic,
        server_url=device_address(practice.id, "connect"),
        check_in_url=device_address(practice.id, "checkin"),
        scep_url=device_address(practice.id, "scep/management"),
        challenge=challenge,
        subject_cn=public_id("enr", enrollment.id),
        root_der=pki_api.authority_chain(practice_id=practice.id)[-1],
        consent=NOTICE_PERSONAL if enrollment.ownership == "personal" else NOTICE_PRACTICE,
    )
    return pki_api.sign_profile(practice_id=practice.id, content=unsigned)


def _uuids(enrollment_id: UUID, edition: str) -> ProfileUuids:
    """The same for each download of one edition: a phone then replaces instead of doubling."""
    names = ("profile", "mdm", "identity", "root")
    return ProfileUuids(**{name: uuid5(enrollment_id, f"{edition}:{name}") for name in names})


def make_profile(name: str, enrollment: EnrollmentRecord) -> bytes:
    """The profile of this name for an enrolled phone; CommandNotBuilt for unknown names.

    "access" and "management" carry a new challenge, for a new certificate; "policy" is the practice's own.
    """
    if name == MANAGEMENT_PROFILE:
        return make_enrollment_profile(enrollment, clock.now().date().isoformat())
    if name == ACCESS_PROFILE:
        return _access_profile(enrollment)
    if name == POLICY_PROFILE:
        return _policy_profile(enrollment)
    raise CommandNotBuilt(f"There is no profile called {name}.")


def _access_profile(enrollment: EnrollmentRecord) -> bytes:
    day = clock.now().date().isoformat()
    practice = practice_api.get_practice(practice_id=enrollment.practice_id)
    challenge = pki_api.issue_challenge(
        practice_id=practice.id,
        enrollment_id=enrollment.id,
        purpose="access",
        device_id=enrollment.device_id,
        minutes=CHALLENGE_MINUTES,
    )
    return access_identity_profile(
        practice_name=practice.name,
        identifier=profile_identifier(public_id("prac", practice.id), ACCESS_PROFILE),
        profile_uuid=uuid5(enrollment.id, f"access-profile:{day}"),
        identity_uuid=uuid5(enrollment.id, f"access-identity:{day}"),
        scep_url=device_address(practice.id, "scep/access"),
        challenge=challenge,
        subject_cn=public_id("dev", enrollment.device_id) if enrollment.device_id else "",
    )


def _hand_over_icon() -> tuple[str, dict[str, object]]:
    """On a shared tablet's home screen: one tap to leave it to the next person."""
    clip = {
        "URL": f"{settings.POCKETWARD.people_url.rstrip('/')}/sign-out/",
        "Label": "Hand over",
        "IsRemovable": False,
        "FullScreen": False,
    }
    return WebClipPayload.payload_type, clip


def _policy_profile(enrollment: EnrollmentRecord) -> bytes:
    practice = practice_api.get_practice(practice_id=enrollment.practice_id)
    identifier = profile_identifier(public_id("prac", practice.id), POLICY_PROFILE)
    wanted = policy_api.apple_payloads(
        practice_id=practice.id,
        device_kind=enrollment.kind,
        ownership=enrollment.ownership,
        shared=enrollment.shared,
    )
    if enrollment.shared:
        wanted = (*wanted, _hand_over_icon())
    # The same policy gives the same UUIDs, so that the phone's list of profiles shows which edition it has.
    edition = uuid5(practice.id, repr([(kind, sorted(keys.items())) for kind, keys in wanted]))
    payloads = [
        RawPayload(
            uuid=uuid5(edition, f"{number}:{kind}"),
            identifier=f"{identifier}.{number}",
            display_name="Practice policy",
            type_name=kind,
            keys=keys,
        )
        for number, (kind, keys) in enumerate(wanted)
    ]
    return build_profile(
        identifier=identifier,
        uuid=edition,
        display_name=f"{practice.name}: practice policy",
        organization=practice.name,
        payloads=payloads,
    )
