"""What is on the holder's own side of a personal phone stays there, whatever the phone tells."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from pocketward.kernel import crypto
from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person

WORK_APP = "org.example.harbor-records"
QUESTIONS = {
    "DeviceInformation", "InstalledApplicationList", "ManagedApplicationList", "ProfileList",
    "CertificateList",
}  # fmt: skip
# Names that a careless comparison takes for one of ours; each gets a mark by which it is found again.
SHAPES = (
    "com.example.dating.{}", "org.example.harbor-records.{}", "ORG.EXAMPLE.HARBOR-RECORDS-{}", "{}", "ñ.{}.é",
    "org.pocketward.prac_x.access.{}", "{}.org.example.harbor-records", "' OR 1=1; -- {}", "{}" + "x" * 300,
)  # fmt: skip


@pytest.fixture(scope="module")
def dana(clinic: Clinic) -> Iterator[Person]:
    made = Person(clinic, "Dana Example")
    made.join()
    yield made
    made.browser.close()


def inventory() -> dict[str, str]:
    """A random inventory of somebody's own: what the phone tells, by the mark in it."""
    marks = [secrets.token_hex(8) for _ in range(1 + secrets.randbelow(12))]
    return {mark: secrets.choice(SHAPES).format(mark) for mark in marks}


def enroll(clinic: Clinic, dana: Person, label: str, serial: str, ownership: str, told: list[str]) -> None:
    """A phone that tells these words unasked joins, and answers every question once."""
    add = dana.browser.get(f"/p/{dana.slug}/phones/add/")
    member = re.search(r'<option value="(mem_[0-9a-z]+)"[^>]*>\s*Omar Template', add.text)
    assert member
    form = {"label": label, "kind": "iphone", "ownership": ownership, "member": member[1]}
    ticket = dana.post(add, f"/p/{dana.slug}/phones/add/", **form)
    address = re.search(r"https://localhost:\d+/device/prac_[0-9a-z]+/enroll/[0-9a-z]+", ticket.text)
    assert address, ticket.text[:2000]
    clinic.lab("/phones", name=label, serial=serial)
    clinic.act(label, "fault", tells_unasked=told)
    clinic.act(label, "enroll", url=address[0])
    wait_for(lambda: WORK_APP in installed(clinic, label), f"{label}'s work app to be sealed", 60)
    wait_for(lambda: "certificates" in facts(clinic, label), f"{label} to have told all", 20)
    phone = clinic.phone(label)
    assert set(phone["answered"]) >= QUESTIONS
    assert phone["schema_faults"] == []


def facts(clinic: Clinic, label: str) -> dict[str, Any]:
    """The stored facts of a phone."""
    rows = clinic.read(
        "SELECT s.facts FROM fleet_devicestate s JOIN fleet_device d ON d.id = s.device_id WHERE d.label = ?",
        label,
    )
    return dict(json.loads(rows[0][0])) if rows else {}


def installed(clinic: Clinic, label: str) -> list[str]:
    """The apps that came to a phone, by the ledger."""
    found = clinic.read("SELECT id FROM fleet_device WHERE label = ?", label)
    return [
        app["identifier"]
        for item in clinic.sealed("fleet.apps_changed")
        if found and UUID(item["device_id"]) == UUID(str(found[0][0]))
        for app in item["installed"]
    ]


def evidence(clinic: Clinic) -> dict[str, list[bytes]]:
    """Everything kept as evidence, opened with the home's own key, by its kind."""
    master = (clinic.home / "keys" / "master.key").read_bytes()
    keys: dict[bytes, bytes] = {}
    for practice, outer, inner in clinic.read(
        "SELECT practice_id, wrapped_practice_key, wrapped_data_key FROM spine_practicekey"
    ):
        owner = UUID(str(practice)).bytes
        of_practice = crypto.open_sealed(master, bytes(outer), b"practice-key:" + owner)
        keys[owner] = crypto.open_sealed(of_practice, bytes(inner), b"data-key:" + owner)
    found: dict[str, list[bytes]] = {}
    for practice, digest, kind, sealed in clinic.read(
        "SELECT practice_id, digest, kind, sealed FROM spine_evidence"
    ):
        owner = UUID(str(practice)).bytes
        place = b"evidence:" + owner + bytes.fromhex(digest)
        found.setdefault(kind, []).append(crypto.open_sealed(keys[owner], bytes(sealed), place))
    return found


def everything(clinic: Clinic) -> bytes:
    """Every byte that the product wrote: database, journals, ledger, logs; and what it keeps encrypted."""
    files = [
        path
        for path in clinic.home.rglob("*")
        if path.is_file() and (clinic.home / "lab") not in path.parents
    ]
    kept = [blob for blobs in evidence(clinic).values() for blob in blobs]
    return b"\0".join([*(path.read_bytes() for path in files), *kept]).lower()


@pytest.mark.acceptance("S5")
@pytest.mark.acceptance("S132")
def test_of_a_personal_phone_that_tells_everything_managed_things_alone_are_kept(
    clinic: Clinic, dana: Person
) -> None:
    told: dict[str, str] = {}
    for number in range(4):
        mine = inventory()
        told |= mine
        enroll(clinic, dana, f"Own phone {number}", f"F2LXP00{number}", "personal", list(mine.values()))
    # The practice's own phone tells the same, and is listened to: the words were on the wire.
    (mark, word), *_ = inventory().items()
    enroll(clinic, dana, "Ward phone", "F2LXW001", "practice", [word])
    assert set(installed(clinic, "Ward phone")) == {"com.example.photos", WORK_APP, word[:200]}
    kept = everything(clinic)
    assert mark.encode() in kept
    assert {name: word for name, word in told.items() if name.encode() in kept} == {}
    for number in range(4):
        label = f"Own phone {number}"
        stored = {name: fact["value"] for name, fact in facts(clinic, label).items()}
        assert [app["identifier"] for app in stored["installed_apps"]] == [WORK_APP]
        assert [app["identifier"] for app in stored["managed_apps"]] == [WORK_APP]
        assert {item["purpose"] for item in stored["certificates"]} == {"management", "access"}
        assert all(profile["managed"] for profile in stored["profiles"])
        assert not {"device_name", "phone_number", "imei"} & set(stored)
        assert installed(clinic, label) == [WORK_APP]
    answers = evidence(clinic)["answer:InstalledApplicationList"]
    assert any(WORK_APP.encode() in answer for answer in answers)
