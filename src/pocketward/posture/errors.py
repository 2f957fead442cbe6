"""What posture refuses."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class PostureError(PocketwardError):
    """Root of posture's errors."""

    code = "posture.error"


class FeedRefused(PostureError):
    """The release feed cannot be read."""

    code = "posture.feed_refused"
    sentence = "This is not a feed of operating system releases."
    advice = "Fetch the feed again; the last good one stays in use."
