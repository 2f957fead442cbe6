"""What stands around a page in tests that render without a server."""

from __future__ import annotations

from pocketward.web.components.shell import (
    ConsoleShell,
    MenuItem,
    NavItem,
    PhoneNumber,
    ProviderBar,
    Section,
    StaffShell,
)

TECHNICIAN = ProviderBar("Tess Stubbs", "Tidewater Managed IT", 2, "6 pm today", "/leave/")


def console_shell(
    section: Section, *, provider: ProviderBar | None = None, kill_switch: bool = False
) -> ConsoleShell:
    """The console of Harbor Street Clinic with `section` as the place where one is."""
    base = "/p/harbor-street-clinic/"
    return ConsoleShell(
        practice_name="Harbor Street Clinic",
        home_url=base,
        section=section,
        nav=(
            NavItem("home", "Home", "home", base),
            NavItem("phones", "Phones", "phone", f"{base}phones/", 3, "3 to look at"),
            NavItem("people", "People", "people", f"{base}people/"),
            NavItem("incidents", "Incidents", "flag", f"{base}incidents/", 1, "1 to look at"),
            NavItem("proof", "Proof", "proof", f"{base}proof/ledger/"),
        ),
        search_url=f"{base}search/",
        lost_url="/l/abc123",
        setup_url=f"{base}setup/",
        person_name="Dana Example",
        initials="DE",
        menu=(
            MenuItem("Your passkeys and sessions", "/account/", "key"),
            MenuItem("Your phone", f"{base}me/", "phone"),
            MenuItem("Set up", f"{base}setup/", "check"),
            MenuItem("Sign out", "/sign-out/", "out", post=True),
        ),
        stamp="Thu, Nov 19, 2026, 2:32 pm",
        demo=True,
        provider=provider,
        kill_switch=kill_switch,
    )


def staff_shell(language: str = "en", *, home: bool = True) -> StaffShell:
    """The staff pages of Harbor Street Clinic."""
    return StaffShell(
        practice_name="Harbor Street Clinic",
        language="es" if language == "es" else "en",
        other_language_url="?lang=en" if language == "es" else "?lang=es",
        home_url="/p/harbor-street-clinic/me/" if home else "",
        numbers=(
            PhoneNumber("Front desk, 555-0142", "+15550100142"),
            PhoneNumber("On call, 555-0143", "+15550100143"),
        ),
        leaves_no_trace=not home,
        demo=True,
    )
