"""The roles of a practice in words."""

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pocketward.practice.api import ROLES

ROLE_WORDS: Final = {
    "owner": gettext_lazy("Owner"),
    "privacy_officer": gettext_lazy("Privacy officer"),
    "security_officer": gettext_lazy("Security officer"),
    "it_lead": gettext_lazy("IT lead"),
    "compliance_lead": gettext_lazy("Compliance lead"),
    "clinician": gettext_lazy("Clinician"),
    "scheduler": gettext_lazy("Scheduler"),
    "billing": gettext_lazy("Billing"),
    "auditor": gettext_lazy("Auditor"),
    "service_technician": gettext_lazy("Service technician"),
}


def role_words(roles: Iterable[str]) -> str:
    """Roles in words, in the order of the product: "Owner, privacy officer"."""
    held = set(roles)
    words = [str(ROLE_WORDS[role]) for role in ROLES if role in held]
    if not words:
        return _("No role")
    later = (word if word.startswith("IT") else word[0].lower() + word[1:] for word in words[1:])
    return ", ".join([words[0], *later])
