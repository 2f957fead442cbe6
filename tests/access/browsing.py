"""A browser in front of the pages, and people who sign in there with a software passkey or a code app."""

from __future__ import annotations

import base64
import json
from typing import Any

from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from pocketward.access import api as access
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member
from tests.journeys.people import Passkey

PASSWORD = "a long enough passphrase"
# For tests that try often: what a password costs to check is not what they are about.
QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def browser(**environment: str) -> Client:
    """A browser on this machine; `environment` says what its requests carry."""
    return Client(HTTP_HOST="localhost", **environment)


def behind_proxy(address: str, *, secret: str = "", scheme: str = "https") -> Client:
    """A browser at `address`, whose requests come through a proxy on this machine."""
    return browser(
        HTTP_POCKETWARD_PROXY_SECRET=secret or settings.POCKETWARD.proxy_secret,
        HTTP_X_FORWARDED_FOR=address, HTTP_X_FORWARDED_PROTO=scheme,
    )  # fmt: skip


def join(person: Member, at: Client, *, secret: str = "") -> Passkey:
    """The person spends an invitation (or the one with this secret) and makes a passkey."""
    secret = secret or access.invite(member_id=person.id, by="system:test")
    assert at.post(f"/join/{secret}").status_code == 302
    passkey = Passkey(settings.POCKETWARD.people_url)
    made = json.dumps(passkey.register(options(at.get("/account/passkey/"))))
    answer = at.post("/account/passkey/", {"credential": made, "name": "Software passkey"})
    assert answer.status_code in (200, 302), answer.content[:500]
    return passkey


def options(page: Any) -> dict[str, Any]:
    """What the page asks of a passkey."""
    found: dict[str, Any] = json.loads(page.context["page"].options)
    return found


def sign_in(at: Client, passkey: Passkey, **changes: Any) -> int:
    """With the passkey on the sign-in page; `changes` are made to what the browser posts of it."""
    proof = passkey.sign_in(options(at.get("/sign-in/")))
    proof["response"] |= changes
    return int(at.post("/sign-in/", {"credential": json.dumps(proof)}).status_code)


def foreign_signature() -> dict[str, str]:
    """A signature that no key of ours made."""
    return {"signature": base64.urlsafe_b64encode(b"\x30\x06\x02\x01\x01\x02\x01\x01").decode()}


def give_password(person: Member) -> str:
    """A password and a code app; the app's secret."""
    account = practice_api.open_account(member_id=person.id, email=person.email, by="system:test")
    row = get_user_model().objects.get(pk=account.id)
    row.set_password(PASSWORD)
    row.save(update_fields=["password"])
    secret = generate_totp_secret()
    TOTP.activate(row, secret)
    return secret


def code_of(secret: str, *, step: int = 1) -> str:
    """What the code app shows: 1 is the code of now, 2 the next one; both are taken with a tolerance of 1."""
    counters = list(yield_hotp_counters_from_time())
    assert len(counters) == 3, "the test sets MFA_TOTP_TOLERANCE to 1, so that no half minute ends it"
    return format_hotp_value(hotp_value(secret, counters[step]))


def with_password(at: Client, person: Member, code: str, password: str = PASSWORD) -> Any:
    """Sign in with a password and a code."""
    return at.post("/sign-in/", {"email": person.email, "password": password, "code": code})
