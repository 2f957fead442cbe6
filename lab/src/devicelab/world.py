"""What a lab is made of: addresses, files and phones, read from one JSON file."""

from __future__ import annotations

from pathlib import Path

import msgspec


class PhoneSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One simulated phone or tablet as it comes out of its box."""

    name: str
    serial: str
    kind: str = "iphone"
    model: str = "iPhone15,4"
    model_name: str = "iPhone 15"
    os_version: str = "26.6.1"
    build: str = "23G83"
    supervised: bool = False
    passcode: bool = True
    passcode_length: int = 6
    encrypted: bool = True
    person: str = ""
    enroll_url: str = ""
    # Goes silent once it has enrolled and answered everything.
    silent_after: bool = False
    apps: tuple[str, ...] = ("com.example.photos",)


class PersonSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A pretend member of staff, with the link that invites them."""

    name: str
    email: str
    join_url: str = ""


class World(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Everything a lab process needs. Ports are TCP on 127.0.0.1; files are absolute paths."""

    folder: str
    people_url: str
    device_url: str
    gate_url: str
    trust_file: str
    clock_offset_file: str
    proxy_secret_file: str
    control_port: int
    control_token: str
    apns_port: int
    smtp_port: int
    page_port: int
    ehr_http_port: int
    ehr_https_port: int
    ehr_host: str = "ehr.localhost"
    lost_code: str = ""
    practice_slug: str = ""
    # The practice's time zone (IANA): the lab's page shows its clock, not the browser's.
    zone: str = "UTC"
    phones: tuple[PhoneSpec, ...] = ()
    people: tuple[PersonSpec, ...] = ()


def read_world(path: Path) -> World:
    """The world in this file; msgspec.ValidationError names what is wrong."""
    return msgspec.json.decode(path.read_bytes(), type=World)
