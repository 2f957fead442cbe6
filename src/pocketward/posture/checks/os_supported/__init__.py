"""Apple still mends this version on this model."""

from __future__ import annotations

from pocketward.posture.feed import is_stale, newest_for, version_key
from pocketward.posture.records import FAIL, PASS, UNKNOWN, CheckInput, CheckResult, CheckSpec, judged

ID = "os_supported"


def run(given: CheckInput) -> CheckResult:
    """Source: DeviceInformation against the release feed and the policy's minimum.

    The practice's own minimum is judged whatever the feed's age; a feed older than 60 days says nothing more.
    """
    version, model = given.fact("os_version"), given.fact("product_name")
    if version is None or model is None or given.feed is None:
        return judged(ID, UNKNOWN, "not_known", name="os_version")
    minimum = given.requirements.minimum_os
    if minimum and version_key(str(version.value)) < version_key(minimum):
        return judged(ID, FAIL, "below_minimum", fact=version, name="os_version")
    if is_stale(given.feed, given.now):
        return judged(ID, UNKNOWN, "not_known", name="os_version")
    newest = newest_for(given.feed, str(model.value))
    if newest is None:
        return judged(ID, UNKNOWN, "model_not_known", fact=model, name="product_name")
    top = version_key(given.feed.releases[0].version)
    if version_key(str(version.value)) > top:
        return judged(ID, UNKNOWN, "newer_than_feed", fact=version, name="os_version")
    # A major that this model's newest release has left behind gets no safety updates on it any more.
    if version_key(str(version.value))[0] < version_key(newest.version)[0]:
        return judged(ID, FAIL, "major_too_old", fact=version, name="os_version")
    return judged(ID, PASS, fact=version, name="os_version")


ENTRY = CheckSpec(
    ID, run, ("below_minimum", "major_too_old", "model_not_known", "newer_than_feed", "not_known")
)
