"""What a browser says of a passkey is a stranger's until it is proven: whatever it is, a clear answer."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketward.practice.records import Member, PracticeRecord
from tests.access.browsing import Passkey, browser, join, options, sign_in
from tests.factories.hostile import EDITS, JSON, mutated

MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PLACES = (
    ("id",), ("rawId",), ("type",), ("response",), ("clientExtensionResults",), ("surprise",),
    ("clientExtensionResults", "credProps"), ("response", "signature"), ("response", "userHandle"),
    ("response", "authenticatorData"), ("response", "attestationObject"), ("response", "clientDataJSON"),
    ("response", "surprise"),
)  # fmt: skip
BYTES = ("authenticatorData", "attestationObject", "signature", "userHandle")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def spoiled(good: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """A good credential with bytes of its parts changed, or another value in some place; our origin stays."""
    bad = copy.deepcopy(good)
    if data.draw(st.booleans()):
        part = data.draw(st.sampled_from([name for name in BYTES if name in good["response"]]))
        bad["response"][part] = b64(mutated(unb64(good["response"][part]), data.draw(EDITS)))
        return bad
    *above, last = data.draw(st.sampled_from(PLACES))
    inner = bad[above[0]] if above else bad
    inner[last] = data.draw(JSON | st.binary(max_size=80).map(b64) | st.just({}) | st.just([[]]))
    return bad


def visitor() -> Client:
    """A browser whose requests nothing has counted yet; what goes wrong is an answer, no exception."""
    cache.clear()
    here = browser()
    here.raise_request_exception = False
    return here


def shown(at: Client, place: str, credential: dict[str, Any], **more: str) -> int:
    """The status of what the page answers to this credential: never a fault of ours."""
    status = at.post(place, {"credential": json.dumps(credential), **more}).status_code
    assert status in (200, 302, 400), status
    return status


@pytest.fixture
def person(practice: PracticeRecord, owner: Member) -> tuple[Client, Passkey]:
    """The owner's browser, with a passkey that works."""
    here = visitor()
    return here, join(owner, here)


@MANY
@given(data=st.data())
def test_whatever_is_shown_for_a_passkey_the_sign_in_answers_and_lets_nobody_else_in(
    person: tuple[Client, Passkey], data: st.DataObject
) -> None:
    here, passkey = person
    stranger = visitor()
    good = passkey.sign_in(options(stranger.get("/sign-in/")))
    bad = spoiled(good, data)
    if shown(stranger, "/sign-in/", bad) == 302:
        # What is signed is what the passkey made, and whose it is comes in. Who it says it is is not signed:
        # another spelling of the same account finds the same passkey.
        assert [bad["response"][name] for name in ("clientDataJSON", "authenticatorData")] == [
            good["response"][name] for name in ("clientDataJSON", "authenticatorData")
        ]
        assert stranger.session["_auth_user_id"] == here.session["_auth_user_id"]


@MANY
@given(data=st.data())
def test_whatever_is_registered_as_a_passkey_the_page_answers_and_the_first_one_goes_on_working(
    person: tuple[Client, Passkey], data: st.DataObject
) -> None:
    here, passkey = person
    elsewhere, other = visitor(), Passkey(passkey.origin)
    bad = spoiled(other.register(options(here.get("/account/passkey/"))), data)
    shown(here, "/account/passkey/", bad, name="Odd")
    assert here.get("/account/").status_code == 200
    other.handle = passkey.handle
    assert sign_in(elsewhere, other) in (200, 302, 400)
    assert sign_in(browser(), passkey) == 302
