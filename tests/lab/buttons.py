"""Pressing the buttons of a running lab's page, as its own page does."""

from __future__ import annotations

import re
from typing import Any

import httpx

from tests.journeys.conftest import Clinic


class LabPage:
    """The page of one running lab."""

    def __init__(self, clinic: Clinic) -> None:
        self.address = f"http://localhost:{clinic.world['page_port']}"
        self._http = httpx.Client(base_url=self.address, timeout=60)
        found = re.search(r'name="lab-page-token" content="([^"]+)"', self._http.get("/").text)
        assert found
        self._headers = {"lab-page-token": found[1], "origin": self.address}

    def press(self, path: str, /, **given: Any) -> str:
        """Press a button that works; what it says."""
        answer = self._http.post(path, json=given, headers=self._headers)
        assert answer.status_code == 200, answer.text
        said: str = answer.json()["done"]
        return said

    def on(self, phone: str, button: str, /, **given: Any) -> str:
        """Press a button of a phone."""
        return self.press(f"/phones/{phone}/{button}", **given)

    def state(self) -> dict[str, Any]:
        """Everything that the page shows."""
        shown: dict[str, Any] = self._http.get("/state").json()["lab"]
        return shown

    def phone(self, name: str) -> dict[str, Any]:
        """One phone as the page shows it."""
        (found,) = [phone for phone in self.state()["phones"] if phone["name"] == name]
        return dict(found)

    def wire(self, phone: str, after: int = 0) -> list[dict[str, Any]]:
        """The phone's exchanges since one number, oldest first."""
        return [row for row in self.state()["wire"] if row["phone"] == phone and row["number"] > after]

    def last_number(self) -> int:
        """The number of the newest exchange."""
        rows = self.state()["wire"]
        return int(rows[-1]["number"]) if rows else 0

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()
