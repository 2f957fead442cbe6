"""A phone that was erased offers nothing that is gone; a page that opens again by itself is waited for."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from devicelab import staff
from devicelab.lab import Lab

from tests.lab.test_page import BEN, GOOD, ask, lab

__all__ = ("lab",)


@pytest.mark.parametrize("button", ["open-records", "set-passcode"])
def test_an_erased_phone_opens_no_records_and_takes_no_passcode_before_it_joins(
    lab: Lab,
    button: str,
) -> None:
    state = lab.phones[BEN].state
    state.management, state.erased_times = None, 1
    state.erase()
    answer = ask(lab, "POST", f"/phones/{BEN}/{button}", json={}, headers=GOOD)
    assert answer.status_code == 409
    assert answer.json()["error"] == f"{BEN} was erased: nothing is on it. Enroll it again first."
    assert not state.passcode


def test_a_page_that_opens_again_by_itself_is_read_when_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    again = '<meta http-equiv="refresh" content="2; url=/refused/dec_1?lang=es&amp;turn={}">'
    asked, waited = [], []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url.raw_path, "ascii"))
        turn = int(request.url.params.get("turn", 0))
        return httpx.Response(200, text=again.format(turn + 1) if turn < 2 else "<h1>Closed.</h1>")

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    async def read() -> str:
        transport = httpx.MockTransport(serve)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            page = await staff._settled(http, await http.get("/refused/dec_1?lang=es"))
            return page.text

    monkeypatch.setattr(staff.asyncio, "sleep", wait)
    assert asyncio.run(read()) == "<h1>Closed.</h1>"
    assert asked[1:] == ["/refused/dec_1?lang=es&turn=1", "/refused/dec_1?lang=es&turn=2"]
    assert waited == [2, 2]
