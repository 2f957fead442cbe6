"""What a simulated phone is like: its box, its settings, what management did to it, its faults."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from devicelab.phone.safari import Safari
from devicelab.world import PhoneSpec


@dataclass
class Identity:
    """A certificate (DER) and its key."""

    certificate: bytes
    key: rsa.RSAPrivateKey


@dataclass
class Management:
    """What an enrollment put on the phone."""

    identity: Identity
    topic: str
    server_url: str
    check_in_url: str
    access_rights: int
    profile_identifier: str
    push_token: bytes
    push_magic: str
    # Its token has been told to the server, and taken.
    is_told: bool = False
    access_identity: Identity | None = None
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    managed_apps: dict[str, str] = field(default_factory=dict)
    # Of apps whose version is not the store's newest.
    app_versions: dict[str, str] = field(default_factory=dict)


@dataclass
class Faults:
    """What goes wrong with this phone."""

    not_now_while_locked: bool = True
    offline: bool = False
    lose_next_replies: int = 0
    repeat_replies: bool = False
    never_acknowledge: tuple[str, ...] = ()
    erase_but_come_back: bool = False
    # A slow store: an app with this status gets no further while it is set.
    app_stays: str = ""
    fail_with_error: tuple[str, ...] = ()
    # Words of its holder's own side that it tells although nobody asked: each is an app, a profile, a
    # certificate, and the last one the phone's name.
    tells_unasked: tuple[str, ...] = ()


@dataclass
class PhoneState:
    """Everything that an erase resets stands below `management`; the rest is hardware."""

    spec: PhoneSpec
    udid: str = ""
    management: Management | None = None
    locked: bool = False
    passcode: bool = True
    passcode_length: int = 6
    os_version: str = ""
    build: str = ""
    own_apps: list[str] = field(default_factory=list)
    lost_mode: dict[str, str] | None = None
    lock_message: str = ""
    sounding: bool = False
    location: tuple[float, float] = (29.9511, -90.0715)
    battery: float = 0.81
    erased_times: int = 0
    # Who has it, when it is not its owner.
    holder: str = ""
    safari: Safari = field(default_factory=Safari)
    faults: Faults = field(default_factory=Faults)
    schema_faults: list[str] = field(default_factory=list)
    # Every token that it ever had from the push service.
    push_tokens: list[bytes] = field(default_factory=list)
    # Since when its erase is under way; None for no erase.
    erasing: datetime | None = None
    # It has joined once, or was told so: the link of its box is not tried again.
    link_is_spent: bool = False
    # It has fallen silent as its box says (PhoneSpec.silent_after); from then on it is like the others.
    fell_silent: bool = False

    def __post_init__(self) -> None:
        """Take the box's contents over; a phone that has its number already is as it was kept."""
        if not self.udid:
            self.udid = f"00008130-{secrets.token_hex(8).upper()}"
            self.reset()

    def reset(self) -> None:
        """As new: what an erase leaves."""
        self.management, self.erasing = None, None
        self.safari = Safari()
        self.locked = False
        self.lost_mode, self.lock_message, self.sounding = None, "", False
        self.passcode, self.passcode_length = self.spec.passcode, self.spec.passcode_length
        self.os_version, self.build = self.spec.os_version, self.spec.build
        self.own_apps = list(self.spec.apps)

    def erase(self) -> None:
        """What an erase leaves: as new, and nobody has set a passcode on it yet."""
        self.reset()
        self.passcode = False

    @property
    def required_length(self) -> int:
        """The longest passcode that an installed profile asks for, 0 for none."""
        lengths = [0]
        for profile in self.management.profiles.values() if self.management else ():
            for payload in profile["payloads"]:
                if payload["PayloadType"] == "com.apple.mobiledevice.passwordpolicy":
                    lengths.append(int(payload.get("minLength", 4)))
        return max(lengths)

    @property
    def passcode_fits(self) -> bool:
        """Whether the passcode meets the installed profiles."""
        return self.required_length == 0 or (self.passcode and self.passcode_length >= self.required_length)
