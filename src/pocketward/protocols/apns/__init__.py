"""Apple's push service as device management uses it: one wake-up request, and what its answers mean.

Pure: the pieces of an HTTP/2 request and the reading of a response; whoever owns the connection sends them.
"""

from __future__ import annotations

from pocketward.protocols.apns.certificate import topic_of_certificate
from pocketward.protocols.apns.errors import PushError
from pocketward.protocols.apns.outcomes import REASONS, PushOutcome, PushResult, Reason, read_response
from pocketward.protocols.apns.requests import (
    ALTERNATE_PORT,
    PORT,
    PRODUCTION_HOST,
    PushRequest,
    ReceivedPush,
    mdm_push,
    read_push,
    response_body,
)

__all__ = [
    "ALTERNATE_PORT",
    "PORT",
    "PRODUCTION_HOST",
    "REASONS",
    "PushError",
    "PushOutcome",
    "PushRequest",
    "PushResult",
    "Reason",
    "ReceivedPush",
    "mdm_push",
    "read_push",
    "read_response",
    "response_body",
    "topic_of_certificate",
]
