"""Gives the wheel its dependency list from requirements/run.in, so that it is written once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# Only the lab needs these; they stay out of the product's wheel.
LAB_ONLY = {"aiosmtpd", "h2"}


class RunRequirements(MetadataHookInterface):
    """Reads run.in, leaving out comments and what only the lab needs."""

    def update(self, metadata: dict[str, Any]) -> None:
        lines = (Path(self.root) / "requirements" / "run.in").read_text(encoding="utf-8").splitlines()
        metadata["dependencies"] = [
            line.strip() for line in lines if line.strip() and line[0] != "#" and line.strip() not in LAB_ONLY
        ]
