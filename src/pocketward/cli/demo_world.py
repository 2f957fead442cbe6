"""The demo practice: invented people, twelve devices, one records system."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

# kind, product name, name on the box
_IPHONE14 = ("iphone", "iPhone14,7", "iPhone 14")
_IPHONE15 = ("iphone", "iPhone15,4", "iPhone 15")
_IPHONE16 = ("iphone", "iPhone17,3", "iPhone 16")
_IPAD = ("ipad", "iPad13,18", "iPad")


@dataclass(frozen=True)
class DemoPhone:
    """One device of the demo; `person` is a key of PEOPLE, empty for nobody."""

    label: str
    serial: str
    box: tuple[str, str, str] = _IPHONE15
    ownership: str = "practice"
    supervised: bool = False
    shared: bool = False
    person: str = ""
    passcode: bool = True
    silent: bool = False


@dataclass(frozen=True)
class DemoPerson:
    """A person of the demo."""

    name: str
    roles: tuple[str, ...]
    title: str = ""
    language: str = "en"
    on_call: int | None = None

    @property
    def email(self) -> str:
        """Their invented work address."""
        return f"{self.name.split()[0].lower()}@example.org"


PRACTICE, ZONE, FRONT_DESK = "Harbor Street Clinic", "America/New_York", "555-0142"
PEOPLE = {
    "dana": DemoPerson("Dana Example", ("owner", "privacy_officer"), "Practice manager", on_call=1),
    "erin": DemoPerson("Erin Placeholder", ("it_lead",), "IT lead", on_call=2),
    "grace": DemoPerson("Grace Pattern", ("security_officer",), "Nurse manager", on_call=3),
    "ben": DemoPerson("Ben Sample", ("clinician",), "Physician"),
    "ana": DemoPerson("Ana Model", ("clinician",), "Nurse practitioner"),
    "luis": DemoPerson("Luis Muestra", ("clinician",), "Nurse", "es"),
    "carla": DemoPerson("Carla Specimen", ("scheduler",), "Front desk"),
    "mei": DemoPerson("Mei Instance", ("billing",), "Billing"),
    "omar": DemoPerson("Omar Template", ("clinician",), "Therapist"),
}
PHONES = (
    DemoPhone("Exam 4 iPad", "DMQX0004", _IPAD, supervised=True, shared=True, silent=True),
    DemoPhone("Ben's iPhone", "F2LX0001", person="ben", supervised=True),
    DemoPhone("Ana's iPhone", "F2LX0002", person="ana", passcode=False),
    DemoPhone("Luis's iPhone", "F2LX0003", _IPHONE14, person="luis"),
    DemoPhone("Carla's iPhone", "F2LX0004", ownership="personal", person="carla"),
    DemoPhone("Omar's iPhone", "F2LX0005", _IPHONE16, ownership="personal", person="omar"),
    DemoPhone("Mei's iPhone", "F2LX0006", _IPHONE14, person="mei"),
    DemoPhone("Dana's iPhone", "F2LX0007", person="dana"),
    DemoPhone("Erin's iPhone", "F2LX0008", _IPHONE16, person="erin", supervised=True),
    DemoPhone("Rounds iPad 1", "DMQX0001", _IPAD, supervised=True, shared=True),
    DemoPhone("Rounds iPad 2", "DMQX0002", _IPAD, supervised=True, shared=True),
    DemoPhone("Front desk iPad", "DMQX0003", _IPAD, supervised=True, shared=True),
)
POLICY = """\
# Harbor Street Clinic: what we ask of every phone and tablet that may open records.
version: 1
passcode:
  min_length: 6
  lock_after_minutes: 2
updates:
  within_days: 21
supervision:
  shared: true             # tablets that several people use
required_apps:
  - id: org.example.harbor-records
    name: Harbor Records
    app_store: 1000001
    minimum_version: "1.0"   # in quotes: 2.10 is newer than 2.9
"""


@dataclass(frozen=True)
class Ports:
    """The TCP ports of one demo, all on 127.0.0.1."""

    web: int
    device: int
    gate: int
    control: int
    apns: int
    smtp: int
    page: int
    ehr_http: int
    ehr_https: int


@dataclass
class Built:
    """What was made: the practice, the people by key, the enrollment addresses by label."""

    practice_id: UUID
    slug: str
    lost_code: str
    members: dict[str, UUID] = field(default_factory=dict)
    enroll_urls: dict[str, str] = field(default_factory=dict)
    join_urls: dict[str, str] = field(default_factory=dict)


def build_practice(home: Path, device_url: str, people_url: str, phones: tuple[DemoPhone, ...]) -> Built:
    """Make the practice, its people, keys and tickets, through the domains' own verbs."""
    from pocketward.access import api as access_api
    from pocketward.fleet import api as fleet_api
    from pocketward.kernel.ids import public_id
    from pocketward.policy import api as policy_api
    from pocketward.practice import api as practice_api
    from pocketward.spine.api import practice_scope

    by = "system:demo"
    practice = practice_api.create_practice(
        name=PRACTICE, zone=ZONE, front_desk_phone=FRONT_DESK, emergency_phone="555-0143", by=by
    )
    built = Built(practice.id, practice.slug, practice.lost_code)
    with practice_scope(practice.id):
        for key, person in PEOPLE.items():
            member = practice_api.add_member(
                practice_id=practice.id, full_name=person.name, email=person.email, job_title=person.title,
                language=person.language, role_names=person.roles, on_call_rank=person.on_call, by=by,
            )  # fmt: skip
            built.members[key] = member.id
            invitation = practice_api.invite_member(member_id=member.id, by=by)
            built.join_urls[key] = f"{people_url}/join/{invitation}"
        access_api.prepare_practice(practice_id=practice.id, by=by)
        policy_api.set_policy(practice_id=practice.id, text=POLICY, reason="our first policy", by=by)
        _apps(practice.id, by)
        _push_certificate(home, practice.id, by)
        for phone in phones:
            ticket = fleet_api.create_enrollment_ticket(
                practice_id=practice.id, member_id=built.members.get(phone.person), ownership=phone.ownership,
                kind=phone.box[0], label=phone.label, shared=phone.shared, by=by,
            )  # fmt: skip
            prefix = f"{device_url}/device/{public_id('prac', practice.id)}/enroll"
            built.enroll_urls[phone.label] = f"{prefix}/{ticket.secret}"
    return built


def _apps(practice_id: UUID, by: str) -> None:
    from pocketward.access import api as access_api

    access_api.register_app(
        practice_id=practice_id,
        name="Harbor Records",
        door="proxied",
        hosts=("ehr.localhost",),
        paths=(("/notes", "notes"), ("/calendar", "calendar"), ("/billing", "billing")),
        by=by,
    )
    access_api.register_app(practice_id=practice_id, name="Billing portal", door="account", by=by)


def _push_certificate(home: Path, practice_id: UUID, by: str) -> None:
    from pocketward.fleet import api as fleet_api

    pem = (home / "lab" / "push-certificate.pem").read_text(encoding="ascii")
    begin = pem.index("-----BEGIN PRIVATE KEY")
    fleet_api.set_push_certificate(
        practice_id=practice_id, certificate_pem=pem[:begin], key_pem=pem[begin:],
        apple_account="it@example.org", custodian="Erin Placeholder", by=by,
    )  # fmt: skip


def write_lab_world(
    home: Path, ports: Ports, built: Built, phones: tuple[DemoPhone, ...], token: str, people_url: str
) -> Path:
    """Write what the lab process reads; its path."""
    world: dict[str, Any] = {
        "folder": str(home / "lab"),
        "people_url": people_url,
        "device_url": f"https://localhost:{ports.device}",
        "gate_url": f"http://127.0.0.1:{ports.gate}",
        "trust_file": str(home / "lab" / "device-trust.pem"),
        "clock_offset_file": str(home / "clock-offset"),
        "proxy_secret_file": str(home / "keys" / "proxy.secret"),
        "control_port": ports.control,
        "control_token": token,
        "apns_port": ports.apns,
        "smtp_port": ports.smtp,
        "page_port": ports.page,
        "ehr_http_port": ports.ehr_http,
        "ehr_https_port": ports.ehr_https,
        "lost_code": built.lost_code,
        "zone": ZONE,
        "practice_slug": built.slug,
        "phones": [_phone(phone, built) for phone in phones],
        "people": [
            {"name": PEOPLE[key].name, "email": PEOPLE[key].email, "join_url": url}
            for key, url in built.join_urls.items()
        ],
    }
    path = home / "lab" / "world.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(world, indent=1), encoding="utf-8")
    return path


def _phone(phone: DemoPhone, built: Built) -> dict[str, Any]:
    return {
        "name": phone.label,
        "serial": phone.serial,
        "kind": phone.box[0],
        "model": phone.box[1],
        "model_name": phone.box[2],
        "supervised": phone.supervised,
        "passcode": phone.passcode,
        "person": PEOPLE[phone.person].name if phone.person else "",
        "enroll_url": built.enroll_urls[phone.label],
        "silent_after": phone.silent,
    }
