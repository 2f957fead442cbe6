"""The door of the practice domain."""

from __future__ import annotations

from pocketward.practice.links import (
    DEMO_SIGN_IN,
    INVITATION,
    OWNER_LINK,
    invite_member,
    look_at_link,
    make_demo_link,
    make_owner_link,
    member_of_account,
    memberships,
    open_account,
    owner_exists,
    owners,
    spend_link,
)
from pocketward.practice.people import (
    add_member,
    end_role,
    find_members,
    get_member,
    give_role,
    mark_left,
    members,
    normalized_name,
    officers,
    on_call,
    role_history,
    vacant_roles,
)
from pocketward.practice.people_csv import import_people
from pocketward.practice.practices import (
    be_born,
    create_practice,
    get_practice,
    practice_by_lost_code,
    practice_by_slug,
    practices,
    world,
)
from pocketward.practice.records import (
    AccountRecord,
    ImportOutcome,
    LinkTarget,
    Member,
    PracticeRecord,
    RoleSpan,
)
from pocketward.practice.roles import NEEDED, OFFICERS, ROLES

__all__ = (
    "DEMO_SIGN_IN", "INVITATION", "NEEDED", "OFFICERS", "OWNER_LINK", "ROLES", "AccountRecord", "ImportOutcome",
    "LinkTarget", "Member", "PracticeRecord", "RoleSpan", "add_member", "be_born", "create_practice", "end_role",
    "find_members", "get_member", "get_practice", "give_role", "import_people", "invite_member", "look_at_link",
    "make_demo_link", "make_owner_link", "mark_left", "member_of_account", "members", "memberships",
    "normalized_name", "officers", "on_call", "open_account", "owner_exists", "owners",
    "practice_by_lost_code", "practice_by_slug", "practices", "role_history", "spend_link", "vacant_roles",
    "world",
)  # fmt: skip
