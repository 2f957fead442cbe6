"""The apps that the practice requires are there, and new enough."""

from __future__ import annotations

from pocketward.policy.api import RequiredApp, meets_minimum
from pocketward.posture.records import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    CheckInput,
    CheckResult,
    CheckSpec,
    Fact,
    judged,
)

ID = "required_apps"


def run(given: CheckInput) -> CheckResult:
    """Source: InstalledApplicationList (managed apps only, on a personal phone).

    The value of a fail names the apps, each with the version that it needs at the least. A version that
    cannot be read says nothing, and is not taken for new enough.
    """
    if not given.requirements.required_apps:
        return judged(ID, NOT_APPLICABLE)
    fact = given.fact("installed_apps")
    if fact is None:
        return judged(ID, UNKNOWN, "not_known", name="installed_apps")
    present = {str(app.get("identifier")): str(app.get("version", "")) for app in fact.value}
    wanted = given.requirements.required_apps
    missing = [app for app in wanted if app.bundle_id not in present]
    if missing:
        return _judged(FAIL, "app_missing", missing, fact)
    fits = {app: meets_minimum(present[app.bundle_id], minimum=app.minimum_version) for app in wanted}
    if old := [app for app in wanted if fits[app] is False]:
        return _judged(FAIL, "app_too_old", old, fact)
    if strange := [app for app in wanted if fits[app] is None]:
        return _judged(UNKNOWN, "version_not_known", strange, fact)
    shown = Fact(f"{len(present)} apps", fact.observed_at, fact.source)
    return judged(ID, PASS, fact=shown, name="installed_apps")


def _judged(result: str, code: str, apps: list[RequiredApp], fact: Fact) -> CheckResult:
    shown = Fact(", ".join(app.wanted for app in apps), fact.observed_at, fact.source)
    return judged(ID, result, code, fact=shown, name="installed_apps")


ENTRY = CheckSpec(ID, run, ("app_missing", "app_too_old", "version_not_known", "not_known"))
