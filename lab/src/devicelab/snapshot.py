"""What the lab's page and the journeys see of the lab, as plain JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from devicelab.lab import Lab
from pocketward.kernel import clock

WEB_CLIP = "com.apple.webClip.managed"
SHOWN_EXCHANGES, SHOWN_PUSHES, SHOWN_MAILS = 120, 60, 60


def describe(lab: Lab, name: str) -> dict[str, Any]:
    """A phone as the page and the journeys see it; KeyError for one that is not here."""
    phone = lab.phones[name]
    state = phone.state
    management = state.management
    seen = lab.seen.get(name)
    return {
        "name": name,
        "serial": state.spec.serial,
        "kind": state.spec.kind,
        "model_name": state.spec.model_name,
        "person": state.spec.person,
        "supervised": state.spec.supervised,
        "enrolled": management is not None,
        "locked": state.locked,
        "lock_message": state.lock_message,
        "lost_mode": state.lost_mode,
        "sounding": state.sounding,
        "passcode": state.passcode,
        "required_length": state.required_length,
        "os_version": state.os_version,
        "battery": state.battery,
        "offline": state.faults.offline,
        "holder": state.holder,
        "erased_times": state.erased_times,
        "has_access_identity": bool(management and management.access_identity),
        "managed_apps": dict(management.managed_apps) if management else {},
        "own_apps": list(state.own_apps),
        "profiles": sorted(management.profiles) if management else [],
        "icons": _icons(management.profiles) if management else {},
        "browser": state.safari.describe(),
        "answered": list(phone.answered),
        "faults": asdict(state.faults),
        "records": asdict(seen) if seen is not None else None,
        "schema_faults": list(state.schema_faults),
        "last_error": phone.last_error,
    }


def whole(lab: Lab) -> dict[str, Any]:
    """Everything that the page shows; the same while nothing happens."""
    return {
        "offset_seconds": round((clock.now() - clock.true_now()).total_seconds()),
        "zone": lab.world.zone,
        "product_url": lab.world.people_url,
        "lost_url": f"{lab.world.people_url}/l/{lab.world.lost_code}",
        "people": [person.name for person in lab.world.people],
        "push_drop": lab.push.drop,
        "phones": [_shown(describe(lab, name)) for name in lab.phones],
        "wire": lab.wire.list(most=SHOWN_EXCHANGES),
        "push": [_push(lab, item) for item in list(lab.push.log)[-SHOWN_PUSHES:]],
        "mails": list(lab.mailbox.mails)[-SHOWN_MAILS:],
    }


def _shown(phone: dict[str, Any]) -> dict[str, Any]:
    """Without what only the journeys need."""
    return {name: value for name, value in phone.items() if name not in ("answered", "browser", "profiles")}


def _push(lab: Lab, item: dict[str, Any]) -> dict[str, Any]:
    """A push by the name of its phone; a push token is a secret."""
    token = str(item["token"])
    shown = {name: value for name, value in item.items() if name != "token"}
    return shown | {"phone": lab.tokens.get(token, "an unknown token")}


def _icons(profiles: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Pages that profiles have put on the home screen: address by name."""
    payloads = [item for profile in profiles.values() for item in profile["payloads"]]
    return {item["Label"]: item["URL"] for item in payloads if item["PayloadType"] == WEB_CLIP}
