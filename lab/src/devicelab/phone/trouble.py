"""What went wrong with a phone, in a sentence for people, with the next step."""

from __future__ import annotations

import httpx

from devicelab.phone.enrolling import EnrollmentFailed

NO_ANSWER = "The practice's server did not answer. See that it runs, then press Check in now."
NOT_UNDERSTOOD = "The server sent something that this phone cannot read. Look at it under Wire."


def refused(message: str, status: int) -> str:
    """The server answered a message of the phone with this status."""
    if status in (401, 403, 410):
        return (
            f"The server does not take it for one of its phones ({message} was answered with {status}). See "
            "what its page says; to have it back, make a new link with Add a phone."
        )
    return f"The server answered {message} with {status}. Press Check in now to try again."


def in_plain_words(error: Exception) -> str:
    """What this error means to whoever looks at the phone."""
    if isinstance(error, EnrollmentFailed):
        return str(error)
    if isinstance(error, (httpx.HTTPError, TimeoutError)):
        return NO_ANSWER
    return f"{NOT_UNDERSTOOD} ({type(error).__name__})"
