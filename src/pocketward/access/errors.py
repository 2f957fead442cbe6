"""What access refuses."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class AccessError(PocketwardError):
    """Root of the access domain's errors."""

    code = "access.error"


class NoSuchApp(AccessError):
    """No such app in this practice."""

    code = "access.no_such_app"
    sentence = "There is no such app in this practice."


class CodeSpent(AccessError):
    """The one-time code was used, has run out, or is for another host."""

    code = "access.code_spent"
    sentence = "This sign-in was used or took too long. Open the app again."
