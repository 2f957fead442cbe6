"""A real practice from an empty folder: owner link, passkey, people, doors, proxy; the gate answers."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from deploy import render
from tests.journeys.conftest import ROOT, Clinic, said_on_a_terminal, wait_for
from tests.journeys.people import Person
from tests.journeys.proxies import free_port

PEOPLE = """full_name,email,phone,job_title,language,roles
Erin Placeholder,erin@example.org,555-0101,IT lead,en,it_lead
Luis Muestra,luis@example.org,,Nurse,es,clinician
"""
DETAILS = {
    "name": "Lakeview Counseling", "zone": "America/Chicago", "language": "en", "level": "2",
    "front_desk_phone": "555-0142", "emergency_phone": "555-0143",
}  # fmt: skip
EHR = {
    "name": "Lake Records", "door": "proxied", "hosts": "ehr.example.org", "notes": "/notes",
    "calendar": "/calendar", "billing": "", "url": "", "session_hours": "8", "mode": "enforce",
}  # fmt: skip


class RealHome:
    """`pocketward serve` on a home of its own, on loopback, and the commands run beside it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(mode=0o700)
        self.web, self.gate = free_port(), free_port()
        self.origin = f"http://localhost:{self.web}"
        (home / "pocketward.toml").write_text(
            f'people_url = "{self.origin}"\ndevice_url = "https://devices.example.org"\n'
            f"web_port = {self.web}\ngate_port = {self.gate}\ndevice_port = {free_port()}\n"
            'kill_switch_file = "/etc/pocketward-journey-stop"\n',
            encoding="utf-8",
        )
        environment = {key: value for key, value in os.environ.items() if not key.startswith("POCKETWARD")}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.environment = environment | {"PYTHONPATH": str(ROOT / "src")}
        self.log = home.with_suffix(".log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.line("serve"), stdout=log, stderr=log, env=self.environment, cwd=ROOT
            )
        try:
            wait_for(lambda: httpx.get(f"{self.origin}/sign-in/", timeout=5).is_success, "the pages", 240)
        except BaseException:
            self.stop()
            raise

    def line(self, *arguments: str) -> list[str]:
        """A pocketward command on this home."""
        return [sys.executable, "-m", "pocketward.cli.main", *arguments, "--home", str(self.home)]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            self.line(*arguments), capture_output=True, text=True, timeout=120, env=self.environment, cwd=ROOT
        )

    def owner_link(self) -> str:
        """What `pocketward owner-link` prints on a terminal."""
        return said_on_a_terminal(self.line("owner-link"), self.environment)

    def sealed(self, kind: str) -> list[dict[str, Any]]:
        """The facts of one kind that are in the ledger."""
        path = self.home / "db" / "pocketward.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as database:
            rows = database.execute(
                "SELECT e.body FROM spine_event e JOIN ledger_sealedentry s ON s.event_id = e.event_id "
                "WHERE e.kind = ? ORDER BY e.seq",
                [kind],
            ).fetchall()
        return [json.loads(bytes(row[0])) for row in rows]

    def ask_gate(self, path: str) -> httpx.Response:
        """A request that the proxy would ask the gate about, from a browser without our certificate."""
        secret = (self.home / "keys" / "proxy.secret").read_text(encoding="ascii").strip()
        headers = {
            "pocketward-proxy-secret": secret, "x-forwarded-host": "ehr.example.org",
            "x-forwarded-uri": path, "x-forwarded-method": "GET", "x-forwarded-for": "192.0.2.7",
        }  # fmt: skip
        return httpx.get(f"http://127.0.0.1:{self.gate}/auth-request", headers=headers, timeout=10)

    def stop(self) -> None:
        """End it as systemd does, and wait: it ends by itself, and well."""
        self.process.send_signal(signal.SIGTERM)
        try:
            assert self.process.wait(20) == 0, self.log.read_text(encoding="utf-8")[-2000:]
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHome]:
    """The server, running."""
    running = RealHome(tmp_path_factory.mktemp("real") / "home")
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def owner(server: RealHome) -> Iterator[Person]:
    """The owner, by the link from the terminal and a passkey."""
    assert "/start/" not in server.log.read_text(encoding="utf-8")
    link = server.owner_link()
    assert link.startswith(f"{server.origin}/start/")
    world = {"people_url": server.origin, "practice_slug": "lakeview-counseling"}
    person = Person(cast(Clinic, SimpleNamespace(world=world)), "Lea Lake")
    for _ in range(2):  # looking does not spend it
        page = person.browser.get(link)
        assert "Start your practice." in page.text
    form = {"practice": DETAILS["name"], "zone": "America/Chicago", "name": "Lea Lake", "level": "0"}
    page = person.post(page, link, **form, email="lea@example.org")
    made = json.dumps(person.passkey.register(person._options(page)))
    page = person.post(page, "/account/passkey/", credential=made, name="Software passkey")
    assert page.status_code == 200, page.text[:800]
    yield person
    person.browser.close()


def at(owner: Person, place: str) -> httpx.Response:
    page = owner.browser.get(f"/p/{owner.slug}/{place}")
    assert page.status_code == 200, page.text[:400]
    return page


def send(owner: Person, place: str, target: str = "", **fields: Any) -> httpx.Response:
    """Fill in the form of a page and send it."""
    fields["csrfmiddlewaretoken"] = owner._token(at(owner, place))
    answer = owner.browser.post(
        f"/p/{owner.slug}/{target or place}", data=fields, headers={"origin": owner.origin}
    )
    assert answer.status_code == 200, answer.text[:800]
    return answer


def test_the_link_is_dead_and_the_checklist_begins(server: RealHome, owner: Person) -> None:
    page = at(owner, "setup/")
    assert "Add the people who work here" in page.text
    assert "The first phone" not in page.text.partition('class="pw-card setup"')[2]
    send(owner, "setup/practice/", **DETAILS)
    assert "The first phone" in at(owner, "setup/").text.partition('class="pw-card setup"')[2]
    made = wait_for(lambda: server.sealed("practice.practice_created"), "the practice to be sealed")
    assert [item["world"] for item in made] == ["real"]
    again = server.owner_link()
    assert "Become an owner of" in httpx.get(again, timeout=20).text
    assert wait_for(lambda: server.sealed("practice.owner_link_made"), "the second link to be sealed")


@pytest.mark.acceptance("S13")
def test_people_come_by_a_file_and_officers_are_named(server: RealHome, owner: Person) -> None:
    page = at(owner, "people/import/")
    answer = owner.browser.post(
        f"/p/{owner.slug}/people/import/",
        data={"csrfmiddlewaretoken": owner._token(page)},
        files={"file": ("people.csv", PEOPLE.encode(), "text/csv")},
        headers={"origin": owner.origin},
    )
    assert "2 people added" in answer.text
    found = re.findall(r'<option value="([0-9a-f-]{36})"[^>]*>([^<]+)<', at(owner, "setup/practice/").text)
    ids = {name: member_id for member_id, name in found}
    order = [ids["Erin Placeholder"], ids["Lea Lake"]]
    send(owner, "setup/practice/", "setup/practice/on-call/", on_call=order)
    called = wait_for(lambda: server.sealed("practice.on_call_changed"), "the order to be sealed")
    assert called[-1]["names"] == ["Erin Placeholder", "Lea Lake"]
    assert [
        item["role"]
        for item in server.sealed("practice.role_given")
        if item["full_name"] == "Erin Placeholder"
    ]


def test_a_record_system_is_registered_and_the_gate_knows_it_at_once(server: RealHome, owner: Person) -> None:
    def place() -> str:
        """Where the gate sends a browser without our certificate: a refusal of some practice, or of none."""
        answer = server.ask_gate("/notes/1")
        assert answer.status_code == 403
        return str(answer.headers["pocketward-location"])

    assert "/refused/dec_" in place()
    send(owner, "setup/records/add/", **EHR)
    wait_for(lambda: "/refused/prac_" in place(), "the gate to know whose records these are", 20)
    assert wait_for(lambda: server.sealed("access.app_registered"), "the system to be sealed")


@pytest.mark.acceptance("S29")
def test_roles_and_records_are_changed_and_exported(server: RealHome, owner: Person) -> None:
    pairs = ["clinician:notes", "scheduler:calendar", "billing:billing"]
    send(owner, "setup/access/", may=pairs, reason="therapists keep no calendar here")
    rows = owner.browser.get(f"/p/{owner.slug}/setup/access/matrix.csv").text.splitlines()
    assert [row.split(",")[:3] for row in rows if row.startswith("clinician")] == [
        ["clinician", "notes", "yes"], ["clinician", "calendar", "no"], ["clinician", "billing", "no"],
    ]  # fmt: skip
    told = wait_for(
        lambda: [item for item in server.sealed("access.access_rules_changed") if item["number"] == 2],
        "the matrix to be sealed",
    )
    assert told[0]["reason"] == "therapists keep no calendar here"


def test_the_proxy_gets_all_it_needs_from_one_command(
    server: RealHome, owner: Person, tmp_path: Path
) -> None:
    out = tmp_path / "proxy"
    done = server.command("proxy", "--out", str(out), "--upstream", "ehr.example.org=127.0.0.1:9000")
    assert done.returncode == 0, done.stderr
    pem = owner.browser.get(f"/p/{owner.slug}/setup/records/access-authority.pem").text
    assert (out / "access-authority.pem").read_text() == pem
    url = (out / "crl.env").read_text().strip().removeprefix("CRL_URL=")
    assert httpx.get(url, timeout=20).content[:1] == b"\x30"
    values = tomllib.loads((out / "proxy.toml").read_text())
    assert [app["app_host"] for app in values["apps"]] == ["ehr.example.org"]
    written = render.render("caddy", render.read_values(out / "proxy.toml"), tmp_path)
    assert "ehr.example.org" in written[0].read_text()
    (out / "proxy.toml").write_text("# mine\n")
    assert server.command("proxy", "--out", str(out)).returncode == 0
    assert (out / "proxy.toml").read_text() == "# mine\n"


def test_everything_that_was_set_up_verifies(server: RealHome, owner: Person) -> None:
    text = owner.browser.get(f"/p/{owner.slug}/proof/ledger/").text
    assert "Lake Records" in text
    done = server.command("ledger", "verify")
    assert done.returncode == 0, done.stdout + done.stderr
