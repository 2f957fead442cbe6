"""Officers who can say yes: with a role, and with a sign-in."""

from __future__ import annotations

from uuid import UUID

from pocketward.practice import api as practice_api
from pocketward.practice.api import Member


def signed_in_officer(
    practice_id: UUID,
    full_name: str,
    email: str,
    *,
    role: str = "it_lead",
    language: str = "en",
    on_call_rank: int | None = None,
) -> Member:
    """A new officer who has taken up their invitation."""
    made = practice_api.add_member(
        practice_id=practice_id, full_name=full_name, email=email, language=language, role_names=(role,),
        on_call_rank=on_call_rank, by="system:test",
    )  # fmt: skip
    practice_api.open_account(member_id=made.id, email=email, by="system:test")
    return practice_api.get_member(member_id=made.id)
