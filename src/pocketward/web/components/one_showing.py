"""A secret that one page after a form shows, once: kept sealed in the session, and gone when shown."""

from django.conf import settings
from django.http import HttpRequest

from pocketward.kernel import crypto

_KEY = "one_showing"
# Of what nobody came to look at, only the newest are kept.
_MOST = 5


def _seal_key() -> bytes:
    return crypto.derive_key(settings.SECRET_KEY.encode(), "secrets shown once")


def keep_for_one_showing(request: HttpRequest, place: str, secret: str) -> None:
    """Keep `secret` for the page `place` of this session; sessions lie in the database, so it is sealed."""
    kept = list(request.session.get(_KEY, {}).items())[1 - _MOST :]
    sealed = crypto.seal(_seal_key(), secret.encode(), place.encode()).hex()
    request.session[_KEY] = {**dict(kept), place: sealed}


def take_for_showing(request: HttpRequest, place: str) -> str:
    """The secret kept for `place`, once; empty when there is none, or it was shown."""
    kept = request.session.get(_KEY, {})
    if place not in kept:
        return ""
    sealed = kept.pop(place)
    request.session[_KEY] = kept
    try:
        return crypto.open_sealed(_seal_key(), bytes.fromhex(sealed), place.encode()).decode()
    except crypto.SealBroken:
        # The install's key was changed since: the code is made anew.
        return ""
