"""The lost-phone story, told while processes die: a person repeats what got no answer, as people do."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import UUID

import httpx

from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person
from tests.kills.killing import Killer

BEN, LUIS, MEI = "Ben's iPhone", "Luis's iPhone", "Mei's iPhone"
CARLA, OMAR = "Carla's iPhone", "Omar's iPhone"
PHONES = {
    BEN: "Ben Sample", LUIS: "Luis Muestra", MEI: "Mei Instance", CARLA: "Carla Specimen",
    OMAR: "Omar Template",
}  # fmt: skip


class Story:
    """One clinic, its officers, and Ben with a session on his phone."""

    def __init__(self, clinic: Clinic, killer: Killer) -> None:
        self.clinic, self.killer = clinic, killer
        for label in PHONES:
            wait_for(lambda label=label: self.posture(label) == "compliant", f"{label} to be well", 90)
        self.ben, self.dana, self.erin = (
            Person(clinic, name) for name in ("Ben Sample", "Dana Example", "Erin Placeholder")
        )
        for person in (self.ben, self.dana, self.erin):
            person.join()
        self.ben.sign_in_to_records(BEN)

    def close(self) -> None:
        """Close their browsers."""
        for person in (self.ben, self.dana, self.erin):
            person.browser.close()

    def posture(self, label: str) -> str:
        rows = self.clinic.read(
            "SELECT p.posture FROM posture_deviceposture p JOIN fleet_device d ON d.id = p.device_id "
            "WHERE d.label = ?",
            label,
        )
        return str(rows[0][0]) if rows else ""

    def count(self, query: str, *values: Any) -> int:
        return int(self.clinic.read(query, *values)[0][0])

    def report(self, label: str) -> str:
        """Somebody reports this phone's holder's phone lost; repeated only if nothing was kept. The case."""
        name = PHONES[label]
        form = {"who": name.lower(), "when": "now", "callback": "555-0100"}

        def send() -> bool:
            with httpx.Client(base_url=self.clinic.world["people_url"], timeout=30) as stranger:
                answer = stranger.post(f"/l/{self.clinic.world['lost_code']}", data=form)
            assert answer.status_code == 200, answer.text[:500]
            return True

        self.until(send, lambda: bool(self.cases_of(name)))
        (case_ref,) = self.cases_of(name)
        return case_ref

    def cases_of(self, name: str) -> list[str]:
        """The reports that were kept about this person's phones."""
        return [
            str(row[0])
            for row in self.clinic.read(
                "SELECT r.case_ref FROM response_lossreport r "
                "JOIN practice_workforcemember m ON m.id = r.member_id_matched WHERE m.full_name = ?",
                name,
            )
        ]

    def until(self, act: Any, is_done: Any) -> None:
        """Do it; when no answer came, look whether it is done, and otherwise do it again."""
        for _ in range(6):
            try:
                act()
                return
            except httpx.TransportError:
                wait_for(self.pages_answer, "the pages to be back")
                if is_done():
                    return
        raise AssertionError("six times without an answer")

    def pages_answer(self) -> bool:
        return httpx.get(f"{self.clinic.world['people_url']}/sign-in/", timeout=5).is_success

    def press(self, person: Person, case_ref: str, button: str, is_done: Any, **fields: str) -> None:
        """Press a button of the case's page, again only if it did nothing."""
        base = f"/p/{person.slug}/incidents/{case_ref}/"
        wait_for(lambda: self._page(person, base) is not None, "the case's page")

        def act() -> None:
            page = self._page(person, base)
            assert page is not None
            answer = person.post(page, f"{base}{button}/", **fields)
            assert answer.status_code == 200, re.sub(r"\s+", " ", answer.text)[-1500:]

        self.until(act, is_done)

    def confirm(self, officer: Person, case_ref: str) -> None:
        """An officer says that it is lost; from then on the phone may be locked."""
        confirmed = "SELECT COUNT(*) FROM response_lossreport WHERE case_ref = ? AND confirmed_at IS NOT NULL"
        self.press(officer, case_ref, "confirm", lambda: self.count(confirmed, case_ref) > 0)

    def _page(self, person: Person, path: str) -> httpx.Response | None:
        page = person.browser.get(path)
        if page.url.path != path:
            person.sign_in(path)
            page = person.browser.get(path)
        return page if page.status_code == 200 else None

    def step(self, case_ref: str, step: str) -> str:
        rows = self.clinic.read(
            "SELECT state FROM response_step WHERE case_ref = ? AND step = ?", case_ref, step
        )
        return str(rows[0][0]) if rows else ""

    def locked(self, case_ref: str, label: str) -> None:
        """Wait until the phone has done what contains it, and its step says so."""

        def look() -> bool:
            if self.step(case_ref, "lock") == "done":
                return True
            # A phone whose session broke off asks again at its next push; ours is impatient.
            self.clinic.act(label, "connect")
            time.sleep(0.4)
            return False

        wait_for(look, f"{label} to be locked", 60)

    def move_clock(self, seconds: int) -> None:
        done = self.clinic.command("demo", "clock", str(seconds))
        assert done.returncode == 0, done.stderr

    def closed(self, label: str, cookie: str = "") -> None:
        """The gate refuses this phone."""
        answer = wait_for(lambda: self.opened(label, cookie), "the records to answer")
        assert answer["status"] == 302, answer

    def opened(self, label: str, cookie: str) -> dict[str, Any] | None:
        given = {"cookie": cookie} if cookie else {}
        answer: dict[str, Any] = self.clinic.act(label, "open", path="/notes", **given)
        return answer if answer["status"] in (200, 302) else None

    def tell(self) -> None:
        """All of it; sixteen deaths."""
        self.lose_and_erase_bens()
        self.lose_luis_and_meis()
        self.lose_with_confirmation(
            CARLA,
            self.dana,
            ("before-commit:incidents.case_opened",),
            ("before-commit:response.loss_confirmed", "job-done:response.contain"),
        )
        self.lose_with_confirmation(
            OMAR, self.erin, ("job-claimed:response.alert",), ("after-commit:response.loss_confirmed",)
        )

    def lose_and_erase_bens(self) -> None:
        opened = wait_for(lambda: self.opened(BEN, self.ben.cookie), "the records")
        assert opened["status"] == 200, opened
        with self.killer.at("before-commit:response.loss_reported"):
            case_ref = self.report(BEN)
            self.closed(BEN, self.ben.cookie)
        with self.killer.at("job-claimed:response.contain", "job-done:fleet.push"):
            self.confirm(self.dana, case_ref)
        self.locked(case_ref, BEN)
        erases = "SELECT COUNT(*) FROM fleet_command WHERE request_type = 'EraseDevice'"
        with self.killer.at("after-commit:fleet.command_proof_advanced"):
            self.press(self.dana, case_ref, "erase", lambda: self.count(erases) > 0, name=BEN)
        ((command_id,),) = self.clinic.read("SELECT id FROM fleet_command WHERE request_type = 'EraseDevice'")
        approvals = "SELECT COUNT(*) FROM fleet_approval"
        with self.killer.at(
            "before-commit:fleet.destructive_command_approved",
            "after-commit:fleet.destructive_command_approved",
        ):
            button = f"approve/{UUID(str(command_id))}"
            self.press(self.erin, case_ref, button, lambda: self.count(approvals) > 0)
        with self.killer.at("job-claimed:fleet.push"):
            self.move_clock(90)
        wait_for(lambda: self.clinic.phone(BEN)["erased_times"] == 1, "the phone to erase itself", 60)
        with self.killer.at("before-commit:fleet.erase_proven"):
            # Apple's answer that the token is gone is the proof; the chase asks for it.
            self.move_clock(3 * 3600)
        wait_for(lambda: self.clinic.events("fleet.erase_proven"), "the proof", 60)

    def lose_luis_and_meis(self) -> None:
        with self.killer.at("after-commit:response.loss_reported"):
            luis = self.report(LUIS)
        self.closed(LUIS)
        with self.killer.at("job-claimed:incidents.open_case"):
            mei = self.report(MEI)
        self.killer.kill("gate")
        self.closed(MEI)
        for case_ref, label in ((luis, LUIS), (mei, MEI)):
            self.confirm(self.dana, case_ref)
            self.locked(case_ref, label)

    def lose_with_confirmation(
        self, label: str, officer: Person, at_report: tuple[str, ...], at_confirmation: tuple[str, ...]
    ) -> None:
        """Past the limit of closings an hour: it closes with an officer's tap."""
        with self.killer.at(*at_report):
            case_ref = self.report(label)
        with self.killer.at(*at_confirmation):
            self.confirm(officer, case_ref)
        self.closed(label)
        self.locked(case_ref, label)
