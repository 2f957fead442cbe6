"""Profiles: what we build obeys Apple's schema, is repeatable, and gives personal phones no erase right."""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.protocols.apple_mdm import (
    AccessRight,
    MdmPayload,
    Ownership,
    ParsedProfile,
    PasscodePayload,
    Payload,
    ProfileError,
    ProfileUuids,
    RawPayload,
    RootCertificatePayload,
    ScepPayload,
    WebClipPayload,
    access_identity_profile,
    build_profile,
    enrollment_profile,
    parse_profile,
    read_plist,
    rights_for,
    validate_payload,
)
from pocketward.protocols.cms import sign_attached
from tests.protocols.test_cms import der, make_certificate, make_key

UUIDS = ProfileUuids(profile=UUID(int=1), mdm=UUID(int=2), identity=UUID(int=3), root=UUID(int=4))


def enrollment(ownership: Ownership = "practice") -> bytes:
    return enrollment_profile(
        ownership=ownership,
        practice_name="Seaview Physiotherapy",
        identifier="org.example.pocketward",
        uuids=UUIDS,
        topic="com.apple.mgmt.External.x",
        server_url="https://ward.example.org/device/p/connect",
        check_in_url="https://ward.example.org/device/p/checkin",
        scep_url="https://ward.example.org/device/p/scep/management",
        challenge="s3cret",
        subject_cn="enr_1",
        root_der=der(make_certificate("p256")),
        ca_fingerprint=b"\x01" * 32,
        consent={"default": "What we can see", "es": "Lo que podemos ver"},
    )


def only(profile: ParsedProfile, payload_type: str) -> dict[str, Any]:
    (payload,) = profile.payloads_of(payload_type)
    return payload.content


def test_the_enrollment_profile_says_where_how_and_with_which_identity() -> None:
    profile = parse_profile(enrollment())
    mdm = only(profile, "com.apple.mdm")
    (scep,) = profile.payloads_of("com.apple.security.scep")
    assert mdm["IdentityCertificateUUID"] == scep.uuid
    assert mdm["SignMessage"] is True
    assert mdm["CheckOutWhenRemoved"] is True
    request = scep.content["PayloadContent"]
    assert request["Keysize"] == 2048
    assert request["KeyIsExtractable"] is False
    assert request["Subject"] == [[["O", "Seaview Physiotherapy"]], [["CN", "enr_1"]]]
    assert request["Challenge"] == "s3cret"
    assert only(profile, "com.apple.security.root")["PayloadContent"] == der(make_certificate("p256"))
    assert profile.content["ConsentText"]["es"] == "Lo que podemos ver"


def test_a_personal_phone_gets_no_right_to_erase_and_the_practices_gets_it() -> None:
    personal = AccessRight(only(parse_profile(enrollment("personal")), "com.apple.mdm")["AccessRights"])
    practice = AccessRight(only(parse_profile(enrollment("practice")), "com.apple.mdm")["AccessRights"])
    assert not personal & (AccessRight.ERASE | AccessRight.NETWORK_INFORMATION | AccessRight.SETTINGS)
    assert practice & AccessRight.ERASE
    assert personal & practice == personal
    assert personal == rights_for("personal")


def test_user_enrollment_carries_no_rights_at_all() -> None:
    payload = MdmPayload(
        uuid=UUID(int=1),
        identifier="i",
        display_name="d",
        identity_uuid=UUID(int=2),
        topic="t",
        server_url="https://a.example.org",
        check_in_url="https://a.example.org",
        access_rights=rights_for("personal"),
        enrollment_mode="BYOD",
        assigned_managed_apple_id="ana@example.org",
    )
    assert "AccessRights" not in payload.content()


@pytest.mark.parametrize("ownership", ["practice", "personal"])
def test_what_we_build_obeys_apples_schema(ownership: Ownership) -> None:
    content = read_plist(enrollment(ownership))
    payloads = [
        ("Configuration", content),
        *((item["PayloadType"], item) for item in content["PayloadContent"]),
    ]
    for payload_type, item in payloads:
        problems = validate_payload(
            payload_type, item, os_version="18.1", supervised=False, enrollment_kind="device"
        )
        # The file describes the languages of ConsentText one level deeper than Apple's text and phones do.
        assert [problem for problem in problems if not problem.path.startswith("ConsentText")] == []


ONE_OF_EACH: list[Payload] = [
    PasscodePayload(uuid=UUID(int=5), identifier="a", display_name="d", min_length=8, max_grace_minutes=0),
    PasscodePayload(
        uuid=UUID(int=5),
        identifier="a",
        display_name="d",
        min_length=10,
        require_alphanumeric=True,
        allow_simple=False,
        min_complex=1,
        max_inactivity_minutes=2,
        max_grace_minutes=1,
        max_failed_attempts=10,
        max_age_days=365,
        history=5,
    ),
    WebClipPayload(
        uuid=UUID(int=6), identifier="b", display_name="d", label="My phone", url="https://x", icon_png=b"p"
    ),
    RootCertificatePayload(uuid=UUID(int=7), identifier="c", display_name="d", certificate_der=b"der"),
    ScepPayload(
        uuid=UUID(int=8),
        identifier="e",
        display_name="d",
        url="https://x",
        challenge="c",
        subject=(("CN", "x"),),
    ),
    RawPayload(
        uuid=UUID(int=9),
        identifier="f",
        display_name="d",
        type_name="com.apple.applicationaccess",
        keys={"allowScreenShot": False},
    ),
]


@pytest.mark.parametrize("payload", ONE_OF_EACH, ids=lambda item: type(item).__name__)
def test_each_payload_obeys_apples_schema(payload: Payload) -> None:
    content = payload.dictionary()
    found = validate_payload(
        content["PayloadType"], content, os_version="18.1", supervised=True, enrollment_kind="device"
    )
    assert found == ()


def test_the_access_identity_is_a_profile_of_its_own() -> None:
    data = access_identity_profile(
        practice_name="Seaview",
        identifier="org.example.access",
        profile_uuid=UUID(int=1),
        identity_uuid=UUID(int=2),
        scep_url="https://ward.example.org/device/p/scep/access",
        challenge="c",
        subject_cn="dev_1",
    )
    profile = parse_profile(data)
    assert [item.payload_type for item in profile.payloads] == ["com.apple.security.scep"]


def test_the_same_input_gives_the_same_bytes() -> None:
    assert enrollment() == enrollment()


def test_a_signed_profile_names_its_signer() -> None:
    signed = sign_attached(enrollment(), make_certificate("rsa"), make_key("rsa"))
    profile = parse_profile(signed)
    assert profile.signer is not None
    assert profile.signer.der == der(make_certificate("rsa"))
    assert profile.content == parse_profile(enrollment()).content


def test_an_altered_signed_profile_is_refused() -> None:
    signed = sign_attached(enrollment(), make_certificate("rsa"), make_key("rsa"))
    with pytest.raises(ProfileError):
        parse_profile(signed.replace(b"Seaview", b"Seavlew"))


def test_payloads_with_the_same_identifier_are_refused() -> None:
    with pytest.raises(ProfileError, match="same UUID"):
        build_profile(
            identifier="i",
            uuid=UUID(int=1),
            display_name="d",
            organization="o",
            payloads=[ONE_OF_EACH[0]] * 2,
        )


def test_addresses_without_tls_are_refused() -> None:
    with pytest.raises(ProfileError, match="https"):
        MdmPayload(
            uuid=UUID(int=1),
            identifier="i",
            display_name="d",
            identity_uuid=UUID(int=2),
            topic="t",
            server_url="http://a.example.org",
            check_in_url="https://a.example.org",
            access_rights=rights_for("practice"),
        ).dictionary()


def test_small_device_keys_are_refused() -> None:
    with pytest.raises(ProfileError, match="2048"):
        ScepPayload(
            uuid=UUID(int=8),
            identifier="e",
            display_name="d",
            url="u",
            challenge="c",
            subject=(),
            key_size=1024,
        ).dictionary()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_profiles_are_read_or_refused_with_one_kind_of_error(data: st.DataObject) -> None:
    sample = bytearray(enrollment())
    for _ in range(data.draw(st.integers(1, 5))):
        sample[data.draw(st.integers(0, len(sample) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ProfileError):
        found = parse_profile(bytes(sample))
        assert all(payload.payload_type for payload in found.payloads)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_no_profile(data: bytes) -> None:
    with pytest.raises(ProfileError):
        parse_profile(data)
