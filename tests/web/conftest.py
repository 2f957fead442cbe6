"""A browser that is signed in, for tests of pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import run_due


@pytest.fixture(autouse=True)
def _demo_world(settings: Settings) -> None:
    """Pages of a demo world, whatever home the run was started with."""
    settings.POCKETWARD = replace(settings.POCKETWARD, world="demo")


class WorkedClient(Client):
    """A browser beside whose server a worker runs: what is due is done before each page."""

    def request(self, **request: Any) -> Any:
        """Let the worker catch up, then ask."""
        while run_due():
            pass
        return super().request(**request)


Browser = Callable[[Member], Client]


@pytest.fixture
def browser_of(practice: PracticeRecord) -> Browser:
    """Signs a person in through the demo's one-time link, as a browser would."""

    def sign_in(person: Member) -> Client:
        secret = practice_api.make_demo_link(practice_id=person.practice_id, member_id=person.id)
        browser = WorkedClient(HTTP_HOST="localhost")
        answer = browser.post(f"/demo/{secret}")
        assert answer.status_code == 302, answer.content
        return browser

    return sign_in


@pytest.fixture
def owners_browser(browser_of: Browser, owner: Member) -> Client:
    """The owner's browser."""
    return browser_of(owner)
