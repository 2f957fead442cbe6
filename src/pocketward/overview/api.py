"""The door of the overview: what lists, search, CSV files and counts are read from."""

from __future__ import annotations

from pocketward.overview.catching_up import catch_up
from pocketward.overview.errors import ListGone, ListTooLong, OverviewError
from pocketward.overview.reading import (
    PER_PAGE,
    SORTS,
    VIEWS,
    PhoneQuestion,
    attention,
    cases,
    count_cases,
    count_people,
    people,
    phone_counts,
    phone_ids,
    phones,
    phones_by_id,
    practice_line,
    waiting_cases,
)
from pocketward.overview.records import (
    CaseLine,
    PersonLine,
    PhoneCounts,
    PhoneLine,
    PracticeLine,
    ReviewLine,
)
from pocketward.overview.refreshing import rebuild
from pocketward.overview.selections import MOST, freeze, spend_frozen
from pocketward.overview.standing import WORST_FIRST, Standing, Status, harm_of, stand

__all__ = (
    "MOST",
    "PER_PAGE",
    "SORTS",
    "VIEWS",
    "WORST_FIRST",
    "CaseLine",
    "ListGone",
    "ListTooLong",
    "OverviewError",
    "PersonLine",
    "PhoneCounts",
    "PhoneLine",
    "PhoneQuestion",
    "PracticeLine",
    "ReviewLine",
    "Standing",
    "Status",
    "attention",
    "cases",
    "catch_up",
    "count_cases",
    "count_people",
    "freeze",
    "harm_of",
    "people",
    "phone_counts",
    "phone_ids",
    "phones",
    "phones_by_id",
    "practice_line",
    "rebuild",
    "spend_frozen",
    "stand",
    "waiting_cases",
)
