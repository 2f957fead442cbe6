"""What the practice domain refuses."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from pocketward.kernel.errors import PocketwardError


class PracticeError(PocketwardError):
    """Root of the practice domain's errors."""

    code = "practice.error"


class NoSuchPractice(PracticeError):
    """No practice has this id, slug or code."""

    code = "practice.no_such_practice"
    sentence = "There is no such practice here."


class DetailsRefused(PracticeError):
    """The practice's details cannot be kept like that; `field` is the part that is wrong."""

    code = "practice.details_refused"
    sentence = "These details cannot be kept."

    def __init__(self, sentence: str = "", *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class NoSuchSite(PracticeError):
    """No such site in this practice, or one that ended."""

    code = "practice.no_such_site"
    sentence = "There is no such site here."


class NoSuchMember(PracticeError):
    """No such person in this practice."""

    code = "practice.no_such_member"
    sentence = "There is no such person in this practice."


class EmailRefused(PracticeError):
    """A person's e-mail is no address, or somebody else's already."""

    code = "practice.email_refused"
    sentence = gettext_noop("This e-mail cannot be kept.")


class LinkSpent(PracticeError):
    """A one-time link was used, has run out, or never existed."""

    code = "practice.link_spent"
    sentence = gettext_noop("This link was used or has run out.")
    advice = gettext_noop(
        "Make a new one: invite the person again, or run `pocketward owner-link` on the server."
    )


class WorldIsFixed(PracticeError):
    """The database was born as the other kind of world."""

    code = "practice.world_is_fixed"
    sentence = "This database belongs to the other kind of world (demo or real)."
    advice = "Use another --home: `pocketward demo` never opens a real practice, `serve` never a demo."


class BadPeopleFile(PracticeError):
    """The CSV of people has rows that cannot be read; nothing was imported."""

    code = "practice.bad_people_file"
    sentence = "Nothing was imported: some rows cannot be read."


class GrantRefused(PracticeError):
    """A technician cannot be let in like that; `field` is the part that is wrong."""

    code = "practice.grant_refused"
    sentence = "This access cannot be given."

    def __init__(self, sentence: str = "", *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class RoleNeedsOwner(PracticeError):
    """A practice must keep at least one owner."""

    code = "practice.role_needs_owner"
    sentence = "This is the last owner. Give the role to somebody else first."
