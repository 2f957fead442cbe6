"""What a device endpoint answers, decided away from the wire."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """A status, a body and its type. An empty 200 ends a phone's session; it is never a 204."""

    status: int = 200
    body: bytes = b""
    content_type: str = ""


OK = Answer()
NOT_FOUND = Answer(404)
# Never 401: that tells a phone to leave the management or to sign in again.
REFUSED = Answer(403)
MALFORMED = Answer(400)
GONE = Answer(410)
TOO_LARGE = Answer(413)
TRY_LATER = Answer(503)
