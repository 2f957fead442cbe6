"""A signed-in person inside one practice, as every page of that practice gets it."""

from dataclasses import dataclass

from pocketward.access.api import SignedIn
from pocketward.practice.api import Member, PracticeRecord
from pocketward.web.components.clock import Clock
from pocketward.web.components.language import Language


@dataclass(frozen=True)
class Visitor:
    """A signed-in person inside one practice. `base` is the practice's address with its slash."""

    practice: PracticeRecord
    member: Member
    signed_in: SignedIn
    clock: Clock
    language: Language

    @property
    def base(self) -> str:
        """/p/<slug>/"""
        return f"/p/{self.practice.slug}/"

    @property
    def actor(self) -> str:
        """Who acts, as events name it."""
        return f"member:{self.member.id}"

    @property
    def may_change(self) -> bool:
        """Whether they hold an officer role."""
        return self.member.is_officer
