"""From the button on the report page to closed records, from the officer's to the command on the phone.

A demo with its lab over real sockets: a colleague sends the form; somebody with a session keeps asking the
gate as nginx would; the phone listens for its push. Reported, not limited: the page itself takes a second on
purpose, so that its answer tells nobody whether a name was known.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bench.gate_lost import Asker
from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person

# Past two reports an hour from one network, closing waits for an officer: the clock moves on between pairs.
PHONES = {
    "Ben Sample": ("Ben's iPhone", "/notes"), "Luis Muestra": ("Luis's iPhone", "/notes"),
    "Omar Template": ("Omar's iPhone", "/notes"), "Carla Specimen": ("Carla's iPhone", "/calendar"),
}  # fmt: skip
HOUR = 3700
PAUSE = 0.005
LONGEST_SECONDS = 30.0


def _access_certificate(clinic: Clinic, label: str) -> str:
    query = (
        "SELECT c.der FROM pki_certificate c JOIN fleet_device d ON d.id = c.device_id "
        "WHERE c.purpose = 'access' AND d.label = ?"
    )
    (der,) = clinic.read(query, label)[0]
    pem = x509.load_der_x509_certificate(bytes(der)).public_bytes(Encoding.PEM)
    return quote(pem.decode())


class Delivery(threading.Thread):
    """Watches the database for the moment at which a phone fetched the command that protects it."""

    QUERY = (
        "SELECT count(*) FROM fleet_commandproof p JOIN fleet_command c ON c.id = p.command_id "
        "JOIN fleet_device d ON d.id = c.device_id WHERE d.label = ? AND p.proof = 'delivered' "
        "AND c.request_type IN ('DeviceLock', 'EnableLostMode')"
    )

    def __init__(self, home: Path, label: str) -> None:
        super().__init__(daemon=True)
        self._database, self._label = home / "db" / "pocketward.sqlite3", label
        self.at = 0.0

    def run(self) -> None:
        """Look every few milliseconds, for half a minute at most."""
        ends = time.perf_counter() + LONGEST_SECONDS
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=20)) as database:
            while time.perf_counter() < ends:
                if database.execute(self.QUERY, (self._label,)).fetchone()[0]:
                    self.at = time.perf_counter()
                    return
                time.sleep(0.01)


def _confirm(clinic: Clinic, officer: Person, name: str) -> float:
    """The officer presses the button of this person's case; when that was."""
    query = (
        "SELECT r.case_ref FROM response_lossreport r JOIN practice_workforcemember m "
        "ON m.id = r.member_id_matched WHERE m.full_name = ?"
    )
    place = f"/p/{officer.slug}/incidents/{clinic.read(query, name)[0][0]}/"
    wait_for(lambda: officer.browser.get(place).status_code == 200, "the case", 30)
    page = officer.browser.get(place)
    if page.url.path != place:
        page = officer.sign_in(place)
    pressed = time.perf_counter()
    officer.post(page, f"{place}confirm/")
    return pressed


def _one(clinic: Clinic, officer: Person, name: str, label: str, path: str) -> tuple[float, float]:
    """Milliseconds: from the form to the gate's first refusal, from confirming to the delivered command."""
    person = Person(clinic, name)
    person.join()
    person.sign_in_to_records(label, path=path)
    headers = {
        "pocketward-proxy-secret": (clinic.home / "keys" / "proxy.secret").read_text().strip(),
        "x-forwarded-host": "ehr.localhost", "x-forwarded-method": "GET", "x-forwarded-for": "192.0.2.7",
        "x-forwarded-uri": path, "cookie": person.cookie,
        "pocketward-client-certificate": _access_certificate(clinic, label),
    }  # fmt: skip
    asker = Asker(int(clinic.world["gate_url"].rpartition(":")[2]), headers, PAUSE)
    delivery = Delivery(clinic.home, label)
    asker.start()
    delivery.start()
    try:
        asker.wait_for(204)
        form = {"who": name, "when": "now", "callback": "555-0100"}
        with httpx.Client(base_url=clinic.world["people_url"], timeout=30) as colleague:
            sent = time.perf_counter()
            colleague.post(f"/l/{clinic.world['lost_code']}", data=form)
        closed = asker.wait_for(403)
        confirmed = _confirm(clinic, officer, name)
        delivery.join(LONGEST_SECONDS)
    finally:
        asker.ended.set()
        asker.join(5)
        person.browser.close()
    if not delivery.at:
        raise RuntimeError("no command reached the phone")
    return (closed - sent) * 1000, (delivery.at - confirmed) * 1000


def run() -> list[dict[str, Any]]:
    """Four reports in one demo; the medians and, as `against`, the slowest."""
    with tempfile.TemporaryDirectory() as folder:
        clinic = Clinic(
            Path(folder).resolve() / "home", "--phones", ",".join(label for label, _ in PHONES.values())
        )
        try:
            found = list(_all(clinic))
        finally:
            clinic.stop()
    records = []
    for place, name in enumerate(("lost.submit_to_refusal", "lost.confirm_to_delivered")):
        times = [pair[place] for pair in found]
        records.append(
            {
                "name": name, "value": round(statistics.median(times)), "unit": "ms",
                "against": round(max(times)),
                "ratio": None, "limit": None, "runs": len(times), "ok": True,
            }
        )  # fmt: skip
    return records


def _all(clinic: Clinic) -> Any:
    query = "SELECT count(*) FROM posture_deviceposture WHERE posture = 'compliant'"
    wait_for(lambda: clinic.read(query)[0][0] == len(PHONES), "every phone to be compliant", 120)
    officer = Person(clinic, "Dana Example")
    officer.join()
    for number, (name, (label, path)) in enumerate(PHONES.items()):
        if number == 2 and clinic.command("demo", "clock", str(HOUR)).returncode:
            raise RuntimeError("the demo's clock did not move")
        yield _one(clinic, officer, name, label, path)
    officer.browser.close()


if __name__ == "__main__":
    print(run())
