"""Asks which certificates are installed; on a personal phone only ours are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget, Facts, dictionaries, text
from pocketward.kernel.canonical import plain

MOST_LOOKED_UP = 100


def _build(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    return {"ManagedOnly": target.is_personal}


def _read(payload: Mapping[str, Any], target: CommandTarget) -> Facts:
    if not isinstance(payload.get("CertificateList"), list):
        return {}
    certificates: list[dict[str, object]] = []
    for item in dictionaries(payload, "CertificateList"):
        data = item.get("Data")
        if not isinstance(data, bytes):
            continue
        is_identity = item.get("IsIdentity") is True
        ours = target.our_identity(data) if is_identity and len(certificates) < MOST_LOOKED_UP else None
        if target.is_personal and ours is None:
            # Told without being asked, or of no use: a fingerprint alone can name what is on a person's side.
            continue
        certificates.append(
            {
                "fingerprint": hashlib.sha256(data).hexdigest(),
                "name": "" if target.is_personal else text(item, "CommonName"),
                "is_identity": is_identity,
                "purpose": ours.purpose if ours else "",
                "not_after": plain(ours.not_after) if ours else "",
            }
        )
    return {"certificates": sorted(certificates, key=lambda item: str(item["fingerprint"]))}


def _redact(payload: Mapping[str, Any], target: CommandTarget) -> dict[str, Any] | None:
    return _read(payload, target)


ENTRY = AppleCommand(
    id="certificate_list",
    request_type="CertificateList",
    build=_build,
    read=_read,
    redact=_redact,
    read_only=True,
)
