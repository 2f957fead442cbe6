"""Who called: headers count only from a proxy that proves itself, certificates only after our own check."""

from __future__ import annotations

import base64
import datetime

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.gate.headers import (
    ADDRESS,
    COOKIE,
    HOST,
    METHOD,
    OURS,
    SECRET,
    URI,
    Asked,
    names_ours,
    read_headers,
)
from pocketward.gate.identity import CertificateReader, judge
from pocketward.gate.paths import UNCLEAR, PathMap
from tests.gate.certificates import NOT_AFTER, authority, make, phone
from tests.gate.facts import APP, changed
from tests.gate.facts import SECRET as PROXY_SECRET

PLAIN = [
    (b"host", b"gate"),
    (SECRET, PROXY_SECRET.encode()),
    (HOST, b"EHR.example.org:443"),
    (URI, b"/notes/1?q=2"),
    (METHOD, b"POST"),
    (ADDRESS, b"198.51.100.9, 192.0.2.7"),
    (COOKIE, b"other=1; pocketward_gate=abc"),
]
AUTHORITIES = (authority()[0].pem, authority()[1].pem)
TODAY = int(datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC).timestamp())


def read(headers: list[tuple[bytes, bytes]], *, is_trusted_socket: bool = False) -> Asked:
    """What the gate takes from these headers."""
    return read_headers(headers, PROXY_SECRET.encode(), is_trusted_socket=is_trusted_socket)


def test_a_proxy_with_the_secret_says_who_asked_for_what() -> None:
    assert read(PLAIN) == Asked("", b"", "ehr.example.org", "/notes/1?q=2", "POST", "192.0.2.7", b"abc")


def test_without_the_secret_nothing_counts() -> None:
    assert read([item for item in PLAIN if item[0] != SECRET]).fault == "header_untrusted"
    assert read([*PLAIN[:1], (SECRET, b"wrong"), *PLAIN[2:]]).fault == "header_untrusted"
    assert read([*PLAIN[:1], (SECRET, b""), *PLAIN[2:]]).fault == "header_untrusted"
    assert read([]).fault == "header_untrusted"


def test_on_a_unix_socket_the_secret_is_not_asked() -> None:
    assert read(PLAIN[2:], is_trusted_socket=True).host == "ehr.example.org"


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_header_of_ours_twice_is_refused(name: bytes) -> None:
    assert read([*PLAIN, (name, b"x"), (name, b"x")]).fault == "header_repeated"


@pytest.mark.parametrize("name", sorted(OURS))
def test_an_underscore_twin_is_refused(name: bytes) -> None:
    assert read([*PLAIN, (name.replace(b"-", b"_"), b"x")]).fault == "header_repeated"
    assert read([*PLAIN, (name.replace(b"-", b"_", 1), b"x")]).fault == "header_repeated"


def test_other_headers_may_repeat_and_have_underscores() -> None:
    assert read([*PLAIN, (b"accept", b"a"), (b"accept", b"b"), (b"x_other", b"c")]).fault == ""


def test_a_list_of_hosts_is_refused() -> None:
    assert read([(HOST, b"a.org, b.org")], is_trusted_socket=True).fault == "header_repeated"


def test_two_different_cookies_of_ours_are_none() -> None:
    twice = [(COOKIE, b"pocketward_gate=a; pocketward_gate=b")]
    assert read(twice, is_trusted_socket=True).token == b""
    split = [(COOKIE, b"pocketward_gate=a"), (COOKIE, b"x=1; pocketward_gate=a")]
    assert read(split, is_trusted_socket=True).token == b"a"


def test_identity_headers_on_a_public_listener_are_noticed() -> None:
    assert names_ours([(b"Pocketward_Client-Certificate", b"x")])
    assert names_ours([(SECRET, b"x")])
    assert not names_ours([(HOST, b"x"), (b"accept", b"y")])


@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.sampled_from(sorted(OURS)), st.sampled_from([COOKIE, b"a_b"]), st.binary(max_size=9)
            ),
            st.binary(max_size=40),
        ),
        max_size=10,
    ),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_any_headers_give_an_answer_and_only_the_secret_gives_trust(
    headers: list[tuple[bytes, bytes]], is_trusted_socket: bool
) -> None:
    asked = read(headers, is_trusted_socket=is_trusted_socket)
    if not is_trusted_socket and dict(headers).get(SECRET) != PROXY_SECRET.encode():
        assert asked.fault


def test_an_access_certificate_is_known_in_each_form_a_proxy_uses() -> None:
    made = phone()
    for header in (made.header, made.pem.replace("\n", "%0A").encode(), base64.b64encode(made.der)):
        shown = judge(header, AUTHORITIES)
        assert (shown.code, shown.fingerprint) == ("", made.fingerprint)


def test_a_certificate_of_another_authority_is_invalid() -> None:
    stranger = make("root", None, is_authority=True)
    assert judge(make("phone", stranger).header, AUTHORITIES).code == "certificate_invalid"
    assert judge(phone().header, ()).code == "certificate_invalid"
    # Without its root the issuing authority proves nothing.
    assert judge(phone().header, (authority()[1].pem,)).code == "certificate_invalid"


def test_a_certificate_for_something_else_is_refused() -> None:
    issuing = authority()[1]
    server = make("server", issuing, purpose=ExtendedKeyUsageOID.SERVER_AUTH)
    for made in (server, make("none", issuing, purpose=None), make("sub", issuing, is_authority=True)):
        assert judge(made.header, AUTHORITIES).code == "certificate_wrong_purpose"


def test_a_leaf_cannot_issue() -> None:
    assert judge(make("child", phone()).header, (*AUTHORITIES, phone().pem)).code == "certificate_invalid"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (b"{http.request.tls.client.certificate_der_base64}", "header_placeholder"),
        (b"$ssl_client_escaped_cert", "header_placeholder"),
        (b"-", "header_placeholder"),
        (b"(null)", "header_placeholder"),
        (b"AAAA", "certificate_unreadable"),
        (b"not base64 at all", "certificate_unreadable"),
        (b"-----BEGIN CERTIFICATE-----%0AAAAA%0A-----END CERTIFICATE-----", "certificate_unreadable"),
        (b"A" * 20_000, "certificate_unreadable"),
    ],
)
def test_what_is_no_certificate_is_a_refusal(header: bytes, code: str) -> None:
    assert judge(header, AUTHORITIES).code == code


def test_two_certificates_in_one_header_are_refused() -> None:
    assert judge(phone().header + phone().header, AUTHORITIES).code == "certificate_unreadable"


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_certificate_header_is_judged(header: bytes) -> None:
    assert judge(header, AUTHORITIES).code


def test_dates_are_judged_at_each_request_and_the_chain_counts_too() -> None:
    reader = CertificateReader()
    soon = make("phone", authority()[1], not_after=datetime.datetime(2026, 12, 1, tzinfo=datetime.UTC))

    def code(when: int) -> str:
        return reader.read(soon.header, trust="t", authorities=AUTHORITIES, at=when).code

    assert code(TODAY) == ""
    assert code(TODAY + 8 * 86_400) == "certificate_expired"
    assert reader.valid_until(soon.header, "t") < int(NOT_AFTER.timestamp())
    old_root = make(
        "root", None, is_authority=True, not_after=datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
    )
    shown = reader.read(make("phone", old_root).header, trust="old", authorities=(old_root.pem,), at=TODAY)
    assert shown.code == "certificate_expired"


def test_other_authorities_judge_anew_and_memory_is_bounded() -> None:
    reader = CertificateReader(limit=3)
    for number in range(9):
        reader.read(b"x%d" % number, trust="t", authorities=AUTHORITIES, at=TODAY)
    assert len(reader._known) == 3
    assert reader.read(phone().header, trust="a", authorities=AUTHORITIES, at=TODAY).code == ""
    assert reader.read(phone().header, trust="b", authorities=(), at=TODAY).code == "certificate_invalid"


@pytest.mark.parametrize(
    ("uri", "resource"),
    [
        ("/notes", "notes"),
        ("/notes/", "notes"),
        ("/NOTES/today", "notes"),
        ("/notes/today?x=../billing", "notes"),
        ("/notes%20old", ""),
        ("/notesold", ""),
        ("/notes/private/1", "billing"),
        ("/notes/caf%C3%A9", "notes"),
        ("/.well-known/x", ""),
        ("/", ""),
        ("", UNCLEAR),
        ("notes", UNCLEAR),
        ("/notes/../billing", UNCLEAR),
        ("/notes/%2e%2e/billing", UNCLEAR),
        ("/notes/..%2fbilling", UNCLEAR),
        ("/notes//billing", UNCLEAR),
        ("//notes", UNCLEAR),
        ("/notes/%252e%252e/billing", UNCLEAR),
        ("/notes\\..\\billing", UNCLEAR),
        ("/notes;x=1/billing", UNCLEAR),
        ("/notes/%00", UNCLEAR),
        ("/notes/%ff", UNCLEAR),
        ("/notes/./x", UNCLEAR),
        ("http://ehr.example.org/notes", UNCLEAR),
        ("/notes/" + "%41" * 5000, UNCLEAR),
    ],
)
def test_an_address_has_one_meaning_or_none(uri: str, resource: str) -> None:
    private = changed(APP.paths[2], prefix="/notes/private/")
    assert PathMap(changed(APP, paths=(*APP.paths, private))).resource_of(uri) == resource


def test_a_root_prefix_catches_the_rest() -> None:
    paths = PathMap(changed(APP, paths=(*APP.paths, changed(APP.paths[1], prefix="/"))))
    assert paths.resource_of("/anything") == "calendar"
    assert paths.resource_of("/") == "calendar"
    assert paths.resource_of("/notes/x") == "notes"


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_address_raises(uri: str) -> None:
    assert PathMap(APP).resource_of(uri) in ("notes", "calendar", "billing", "", UNCLEAR)
