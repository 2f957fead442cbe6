"""The apps that the practice requires are there."""

from __future__ import annotations

from pocketward.posture.records import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    CheckInput,
    CheckResult,
    CheckSpec,
    judged,
)

ID = "required_apps"


def run(given: CheckInput) -> CheckResult:
    """Source: InstalledApplicationList (managed apps only, on a personal phone)."""
    if not given.requirements.required_apps:
        return judged(ID, NOT_APPLICABLE)
    fact = given.fact("installed_apps")
    if fact is None:
        return judged(ID, UNKNOWN, "not_known", name="installed_apps")
    present = {str(app.get("identifier")) for app in fact.value}
    missing = [app.name for app in given.requirements.required_apps if app.bundle_id not in present]
    if missing:
        shown = type(fact)(", ".join(missing), fact.observed_at, fact.source)
        return judged(ID, FAIL, "app_missing", fact=shown, name="installed_apps")
    shown = type(fact)(f"{len(present)} apps", fact.observed_at, fact.source)
    return judged(ID, PASS, fact=shown, name="installed_apps")


ENTRY = CheckSpec(ID, run, ("app_missing", "not_known"))
