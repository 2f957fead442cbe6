"""The overview of a demo world: its list of releases is of today."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _demo_world(settings: Settings) -> None:
    settings.POCKETWARD = replace(settings.POCKETWARD, world="demo")
