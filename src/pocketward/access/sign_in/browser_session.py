"""A browser session by its number, so that what was opened from it can end with it, and it with that."""

from __future__ import annotations

from allauth.usersessions.models import UserSession


def number_of(session_key: str) -> int | None:
    """The number of the session with this key; None when there is none."""
    if not session_key:
        return None
    number: int | None = (
        UserSession.objects.filter(session_key=session_key).values_list("pk", flat=True).first()
    )
    return number


def end(number: int | None) -> None:
    """End this browser session, if it is still open."""
    row = UserSession.objects.filter(pk=number).first() if number is not None else None
    if row is not None:
        row.end()
