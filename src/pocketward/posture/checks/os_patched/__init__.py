"""The phone has the safety updates whose time is up, and a build that really exists."""

from __future__ import annotations

from datetime import timedelta

from pocketward.posture.feed import builds_of, is_stale, missing_release, version_key
from pocketward.posture.records import FAIL, PASS, UNKNOWN, CheckInput, CheckResult, CheckSpec, judged

ID = "os_patched"


def run(given: CheckInput) -> CheckResult:
    """Source: DeviceInformation against the release feed.

    A build that its version never had is suspicious; a version above the feed's newest is unknown, never
    suspicious, and so is one that the feed lacks (an older major may be mended after the feed was made); a
    feed older than 60 days says nothing any more.
    """
    version, build = given.fact("os_version"), given.fact("build_version")
    model, feed = given.fact("product_name"), given.feed
    if version is None or build is None or model is None or feed is None or is_stale(feed, given.now):
        return judged(ID, UNKNOWN, "not_known", name="os_version")
    text = str(version.value)
    if version_key(text) > version_key(feed.releases[0].version):
        return judged(ID, UNKNOWN, "newer_than_feed", fact=version, name="os_version")
    if not any(release.version == text for release in feed.releases):
        return judged(ID, UNKNOWN, "not_in_feed", fact=version, name="os_version")
    # Of older versions the feed knows no builds.
    known = builds_of(feed, text)
    if known and str(build.value) not in known:
        return judged(ID, FAIL, "unknown_build", fact=build, name="build_version", integrity=True)
    grace = timedelta(days=given.requirements.patch_within_days)
    missing = missing_release(feed, text, str(model.value), given.now, grace)
    if missing is not None:
        return judged(ID, FAIL, "misses_update", fact=version, name="os_version", limit=grace)
    return judged(ID, PASS, fact=version, name="os_version", limit=grace)


ENTRY = CheckSpec(
    ID, run, ("unknown_build", "misses_update", "newer_than_feed", "not_in_feed", "not_known"), integrity=True
)
